import type { SecureContext } from 'node:tls'
import { homeRegion, type Region } from '../../domain/region.ts'
import type { GlobalHome } from '../../kernel/global-host.ts'
import type { RemoteRegions } from '../../kernel/reads.ts'
import { ConfigError } from '../config/config-error.ts'
import type { Deployment } from '../data/deployment.ts'
import type { Lines } from '../regions/lines.ts'
import type { Station } from '../regions/link.ts'
import { identityOf } from '../regions/acquaint.ts'
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
import { openTrustedRegions, type TrustedRegions } from './trusted-regions.ts'

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
  readonly recognize: TrustedRegions['recognize']
  /** A Region that is here has another identity. */
  renewed(region: Region): void
  onRenewed(listener: () => void): void
  /** Who this server is. */
  introduce(): Promise<Introduction>
  /**
   * Trusts the Regions of another server, from now on.
   *
   * @param anew also those that were trusted under other identities
   */
  trust(introduction: Introduction, anew: boolean): Promise<void>
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
  const trust = await openTrustedRegions(store, regions)
  const claims = await openClaims(parts, speaker)
  const clients = createPeerClients(urls, regions, trust, claims)
  const links = createRemoteLinks(clients, onError)
  const home = await openHome(parts, speaker, clients, trust)
  const renewedListeners: (() => void)[] = []
  if (home === null) store.onCommit(() => clients.hint(speaker, clients.reached(), 'global'))

  return {
    remote: createRemoteRegions(clients.reached, (region) => clients.get(speaker, region)),
    home,
    claims,
    homeNow: () => home ?? supersededHome(claims),
    contextOf: clients.contextOf,
    recognize: trust.recognize,
    renewed(region) {
      clients.renew(region)
      for (const listener of renewedListeners) listener()
    },
    onRenewed(listener) {
      renewedListeners.push(listener)
    },
    introduce: async () => ({
      deployment: deployment.id,
      home: home?.region ?? speaker,
      regions: await Promise.all([...regions].map(identityOf)),
    }),
    async trust({ deployment: theirs, regions: peers }, anew) {
      requireJoined(theirs, peers, deployment.id, regions)
      await trust.add(peers, anew)
      for (const { region } of peers) clients.close(region)
      links.add(peers.map(({ region }) => region))
    },
    async distrust(region) {
      if (!(await trust.remove(region))) return false
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
    report: () => reportOf(parts, { home, claims, links, trusted: trust.trusted() }),
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
  { trusted }: Pick<TrustedRegions, 'trusted'>,
): Promise<Home | null> {
  const { home: region } = await readSeat(store)
  if (region === null) return null
  const client = clients.get(speaker, region)
  const keyOf = () => trusted().find((each) => each.region === region)?.publicKey
  const vault = regions.get(speaker)?.vault
  if (client === undefined || keyOf() === undefined || vault === undefined) {
    throw new ConfigError(
      `${region} has the accounts of this data directory, and is not trusted: keyspan region trust.`,
    )
  }
  const copy = await openGlobalCopy({ store, secrets, home: client, keyOf, region: speaker, vault })
  return createHome(client, copy, onError)
}
