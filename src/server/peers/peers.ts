import type { SecureContext } from 'node:tls'
import { homeRegion, type Region } from '../../domain/region.ts'
import type { GlobalHome } from '../../kernel/global-host.ts'
import type { RemoteRegions } from '../../kernel/reads.ts'
import { ConfigError } from '../config/config-error.ts'
import type { Deployment } from '../data/deployment.ts'
import type { Lines } from '../regions/lines.ts'
import type { Station } from '../regions/link.ts'
import { acquaint, identityOf } from '../regions/open-region.ts'
import type { Regions } from '../regions/regions.ts'
import { openGlobalCopy } from './global-copy.ts'
import { createHome, supersededHome, type Home } from './home.ts'
import type { StoredPeer } from '../../storage/store.ts'
import { IntroductionError, type Introduction } from './introduction.ts'
import { createPeerClients, type HintedAt, type PeerClients } from './peer-clients.ts'
import { createRemoteLinks, type LinkStatus, type RemoteLinks } from './remote-links.ts'
import { createRemoteRegions } from './remote-regions.ts'
import { createHomeClaims, type HomeClaims } from './home-claims.ts'
import { keepSeat, readSeat } from './home-seat.ts'
import { PeerError } from './peer-error.ts'
import { forgetPeer, keepPeers, trustedPeers } from './trusted-peers.ts'

/** What an operator does on a server whose home is another than it believes. */
const REMEDY = 'stop this server, and say keyspan region home'

/** How things stand with a Region of another place. */
export interface PeerStatus {
  readonly region: Region
  /** Null where it has no address here: it is answered, and not asked. */
  readonly url: string | null
  readonly isTrusted: boolean
  /** How each Region here follows it. */
  readonly links: readonly LinkStatus[]
}

/** How things stand between this server and others. */
export interface PeersReport {
  /** The Regions here. */
  readonly regions: readonly Region[]
  /** Where accounts are changed, and when their copy here was last as new; null for here. */
  readonly home: { readonly region: Region; readonly heardAt: number | null } | null
  /** Who has the accounts by a newer word than this server's own; null where nobody says so. */
  readonly newerHome: Region | null
  readonly peers: readonly PeerStatus[]
}

/** The Regions of other places. */
export interface Peers {
  readonly remote: RemoteRegions
  /** Null where this server has been the home since it was started. */
  readonly home: Home | null
  readonly claims: HomeClaims
  /** Where what is global is changed now; null for here. */
  readonly homeNow: () => GlobalHome | null
  /** What a Region that is here speaks TLS with. */
  readonly contextOf: (region: Region) => SecureContext | undefined
  /** The Region whose identity has this public key; null where it is none that is trusted. */
  readonly regionOf: (publicKey: Buffer) => Region | null
  /** Who this server is. */
  introduce(): Promise<Introduction>
  /** Trusts the Regions of another server, from now on. */
  trust(introduction: Introduction): Promise<void>
  /** Trusts a Region no more: it is neither heard nor answered. Says whether it was trusted. */
  distrust(region: Region): Promise<boolean>
  /** Begins to follow others with a Region that is here. */
  follow(station: Station, lines: Pick<Lines, 'carry'>): void
  /** A peer has asked something: it can be reached again, it seems. */
  heardOf(region: Region): void
  /** A peer says that it has something new for a Region here, or for the copy of what is global. */
  hinted(from: Region, of: Region, at: HintedAt): void
  report(): PeersReport
  stop(): Promise<void>
}

/** What peers are opened with. */
export interface PeersParts {
  /** Where each is reached. */
  readonly urls: ReadonlyMap<Region, URL>
  readonly deployment: Pick<Deployment, 'id' | 'store' | 'secrets'>
  readonly regions: Regions
  readonly onError: (error: unknown, what: string) => void
}

/** Opens the Regions of other places that are trusted. @throws ConfigError where the home has no address */
export async function openPeers(parts: PeersParts): Promise<Peers> {
  const { urls, deployment, regions, onError } = parts
  const { store } = deployment
  const speaker = homeRegion(regions.served)
  let trusted = await trustedPeers(store)
  const claims = await openClaims(parts, speaker)
  const clients = createPeerClients(urls, regions, () => trusted, claims)
  const links = createRemoteLinks(clients, onError)
  regions.onOpen(async (host) => {
    for (const peer of trusted) await acquaint(host, peer)
  })
  for (const host of regions) {
    for (const peer of trusted) await acquaint(host, peer)
    host.marks.expect(trusted.map(({ region }) => region))
  }
  const home = await openHome(parts, speaker, clients, trusted)
  if (home === null) store.onCommit(() => clients.hint(speaker, clients.reached(), 'global'))

  return {
    remote: createRemoteRegions(clients.reached, (region) => clients.get(speaker, region)),
    home,
    claims,
    homeNow: () => home ?? supersededHome(claims),
    contextOf: clients.contextOf,
    regionOf: (publicKey) => trusted.find((each) => each.publicKey.equals(publicKey))?.region ?? null,
    introduce: async () => ({
      deployment: deployment.id,
      home: home?.region ?? speaker,
      regions: await Promise.all([...regions].map(identityOf)),
    }),
    async trust({ deployment: theirs, regions: peers }) {
      requireJoined(theirs, peers, deployment.id, regions)
      for (const host of regions) for (const peer of peers) await acquaint(host, peer)
      await keepPeers(store, peers)
      trusted = await trustedPeers(store)
      links.add(peers.map(({ region }) => region))
    },
    async distrust(region) {
      if (!trusted.some((each) => each.region === region)) return false
      await forgetPeer(store, region)
      for (const { marks } of regions) marks.heard(region)
      trusted = await trustedPeers(store)
      clients.close(region)
      await links.drop(region)
      return true
    },
    follow(station, lines) {
      links.follow(station, lines)
      regions.get(station.region)?.store.onCommit(({ said }) => {
        clients.hint(station.region, said, 'keys')
      })
    },
    heardOf: links.heardOf,
    hinted(from, of, at) {
      if (at === 'keys') links.hint(from, of)
      else if (from === home?.region) home.hinted()
    },
    report: () => reportOf(parts, { home, claims, links, trusted }),
    async stop() {
      home?.stop()
      await links.stop()
      clients.close()
    },
  }
}

async function openClaims({ deployment: { store }, onError }: PeersParts, speaker: Region): Promise<HomeClaims> {
  const seat = await readSeat(store)
  return createHomeClaims(
    seat,
    speaker,
    (epoch) =>
      void keepSeat(store, { home: seat.home, epoch }).catch((error: unknown) => onError(error, 'keep the epoch')),
    ({ home }) => onError(new PeerError(`${home} has the accounts now: ${REMEDY} ${home}`), 'look for the home'),
  )
}

function reportOf(
  { urls, regions }: PeersParts,
  known: Pick<Peers, 'home' | 'claims'> & { readonly links: RemoteLinks; readonly trusted: readonly StoredPeer[] },
): PeersReport {
  const { home, claims, links, trusted } = known
  const peers = new Set([...urls.keys(), ...trusted.map(({ region }) => region)])
  return {
    regions: regions.served,
    home: home && { region: home.region, heardAt: home.heardAt() },
    newerHome: claims.superseding()?.home ?? null,
    peers: [...peers].map((region) => ({
      region,
      url: urls.get(region)?.origin ?? null,
      isTrusted: trusted.some((each) => each.region === region),
      links: links.statusOf(region),
    })),
  }
}

/** @throws IntroductionError */
function requireJoined(theirs: string, peers: readonly StoredPeer[], ours: string, regions: Regions): void {
  if (theirs !== ours) {
    throw new IntroductionError(
      `That server belongs to another deployment (${theirs}, and this is ${ours}). Begin its data directory with: ` +
        'keyspan region join',
    )
  }
  const both = peers.find(({ region }) => regions.served.includes(region))
  if (both === undefined) return
  throw new IntroductionError(`That server serves ${both.region}, and so does this one: it can be in one place.`)
}

async function openHome(
  { deployment: { store, secrets }, regions, onError }: PeersParts,
  speaker: Region,
  clients: PeerClients,
  trusted: readonly StoredPeer[],
): Promise<Home | null> {
  const { home: region } = await readSeat(store)
  if (region === null) return null
  const client = clients.get(speaker, region)
  const homeKey = trusted.find((each) => each.region === region)?.publicKey
  const identity = regions.get(speaker)?.vault.identity
  if (client === undefined || homeKey === undefined || identity === undefined) {
    throw new ConfigError(
      `${region} has the accounts of this data directory, and is not trusted: keyspan region trust.`,
    )
  }
  const copy = await openGlobalCopy({ store, secrets, home: client, homeKey, region: speaker, identity })
  return createHome(client, copy, onError)
}
