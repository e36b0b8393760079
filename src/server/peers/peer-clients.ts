import type { SecureContext } from 'node:tls'
import type { Region } from '../../domain/region.ts'
import type { Regions } from '../regions/regions.ts'
import type { HomeClaims } from './home-claims.ts'
import { createPeerClient, type PeerClient } from './peer-client.ts'
import { identityContext } from './peer-tls.ts'
import type { TrustedRegions } from './trusted-regions.ts'

/** What a peer may hint at that there is something new of. */
export type HintedAt = 'keys' | 'global'

/** The Regions of other places, as each Region here asks them: as itself. */
export interface PeerClients {
  /** Undefined where `region` has no address here or is not trusted. */
  get(by: Region, region: Region): PeerClient | undefined
  /** Those that can be asked. */
  readonly reached: () => readonly Region[]
  readonly contextOf: (region: Region) => SecureContext | undefined
  /** Tells Regions that there is something new. A hint that is lost is made good by their next look. */
  hint(by: Region, regions: readonly Region[], at: HintedAt): void
  /** Speaks with the renewed identity of a Region that is here. */
  renew(by: Region): void
  /** Closes the connections to a Region; to all where none is named. */
  close(region?: Region): void
}

/** Tells a peer that there is something new. Those that are due while one is under way are one. */
function createHinter(): (client: PeerClient | undefined, at: HintedAt) => void {
  const due = new Map<PeerClient, Set<HintedAt>>()
  const send = async (client: PeerClient, waiting: Set<HintedAt>): Promise<void> => {
    for (const at of waiting) {
      waiting.delete(at)
      await client.ask('/hint', { at }).catch(() => {})
    }
    due.delete(client)
  }
  return (client, at) => {
    if (client === undefined) return
    const waiting = due.get(client)
    if (waiting !== undefined) return void waiting.add(at)
    const first = new Set([at])
    due.set(client, first)
    void send(client, first)
  }
}

export function createPeerClients(
  urls: ReadonlyMap<Region, URL>,
  regions: Regions,
  { trusted, recognize }: Pick<TrustedRegions, 'trusted' | 'recognize'>,
  claims: HomeClaims,
): PeerClients {
  const contexts = new Map<Region, SecureContext>()
  const clients = new Map<string, PeerClient>()
  const hintOne = createHinter()

  const contextOf = (region: Region): SecureContext | undefined => {
    const identity = regions.get(region)?.vault.identity
    const context = contexts.get(region) ?? (identity && identityContext(identity))
    if (context !== undefined) contexts.set(region, context)
    return context
  }
  const get = (by: Region, region: Region): PeerClient | undefined => {
    const name = `${by} ${region}`
    const known = clients.get(name)
    if (known !== undefined) return known
    const isTrusted = trusted().some((each) => each.region === region)
    const [url, context] = [urls.get(region), contextOf(by)]
    if (url === undefined || !isTrusted || context === undefined) return undefined
    const place = { region, url, contextOf: () => contextOf(by) ?? context, recognize }
    const client = createPeerClient(place, claims)
    clients.set(name, client)
    return client
  }
  return {
    get,
    contextOf,
    reached: () =>
      trusted()
        .map(({ region }) => region)
        .filter((region) => urls.has(region)),
    hint(by, others, at) {
      for (const region of others) hintOne(get(by, region), at)
    },
    renew(by) {
      contexts.delete(by)
      for (const [name, client] of clients) if (name.startsWith(`${by} `)) client.renew()
    },
    close(region) {
      for (const [name, client] of clients) {
        if (region !== undefined && client.region !== region) continue
        client.close()
        clients.delete(name)
      }
    },
  }
}
