import type { SecureContext } from 'node:tls'
import { upper } from '../../domain/text/upper.ts'
import { homeRegion, type Region } from '../../domain/region.ts'
import type { RemoteRegions } from '../../kernel/reads.ts'
import type { Deployment } from '../data/deployment.ts'
import type { Lines } from '../regions/lines.ts'
import type { Station } from '../regions/link.ts'
import { identityOf } from '../regions/acquaint.ts'
import type { Regions } from '../regions/regions.ts'
import type { Journal } from '../../kernel/journal.ts'
import type { GlobalWrites } from '../../storage/global-store.ts'
import type { StoredPeer } from '../../storage/store.ts'
import { IntroductionError, type Introduction } from './introduction.ts'
import type { HomeClaims } from './home-claims.ts'
import type { Home, HomeFailure } from './home.ts'
import { decidesFor } from './stale.ts'
import { apartText, forgottenText, putBackText } from './notice-texts.ts'
import { openHomePlace, type HomePlace } from './home-place.ts'
import { createPeerClients, type HintedAt } from './peer-clients.ts'
import { createRemoteLinks, type LinkStatus, type RemoteLinks } from './remote-links.ts'
import { createRemoteRegions } from './remote-regions.ts'
import { openTrustedRegions, type TrustedRegions } from './trusted-regions.ts'

/** How things stand with a Region of another place. */
export interface PeerStatus {
  readonly region: Region
  /** Null where it has no address here: it is answered, and not asked. */
  readonly url: string | null
  readonly isTrusted: boolean
  /** Why one is not trusted any more that was; null for one that never was. */
  readonly parted: 'forgotten' | 'distrusted' | null
  /** How each Region here follows it. */
  readonly links: readonly LinkStatus[]
}

/** How things stand with the home of a copy. */
export interface HomeStatus extends Pick<Home, 'region'> {
  /** When the copy was last as new, in epoch milliseconds; null for never. */
  readonly heardAt: number | null
  /** Why it is not followed now; null where it is. */
  readonly failure: HomeFailure | null
}

/** How things stand between this server and others. */
export interface PeersReport {
  /** The Regions here. */
  readonly regions: readonly Region[]
  /** Where accounts are changed, and when their copy here was last as new; null for here. */
  readonly home: HomeStatus | null
  /** Whether the accounts here are new enough to decide by; everything is refused where they are not. */
  readonly decides: boolean
  /** Copies that know changes of the accounts here which these have forgotten: they were put back. */
  readonly forgottenBy: readonly Region[]
  /** Whether this server names others, has accounts of its own, and has never trusted anybody. */
  readonly isApart: boolean
  /** To whom this server is giving the accounts; null for nobody. */
  readonly givenTo: Region | null
  /** Who has the accounts by a newer word than this server's own; null where nobody says so. */
  readonly newerHome: Region | null
  /** Who else believes to have the accounts by the same move; null where nobody says so. */
  readonly rivalHome: Region | null
  readonly peers: readonly PeerStatus[]
}

/** The Regions of other places. */
export interface Peers {
  readonly remote: RemoteRegions
  /** Where what is global is changed. */
  readonly place: HomePlace
  /** What a Region that is here speaks TLS with. */
  readonly contextOf: (region: Region) => SecureContext | undefined
  readonly recognize: TrustedRegions['recognize']
  readonly parted: TrustedRegions['parted']
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
  /** What whoever runs this server must know of accounts that were put back. */
  notices(): readonly string[]
  stop(): Promise<void>
}

/** What peers are opened with. */
export interface PeersParts {
  /** How old a copy of accounts may be to decide by, in milliseconds; null for any age. */
  readonly staleMs: number | null
  /** Where each is reached. */
  readonly urls: ReadonlyMap<Region, URL>
  readonly deployment: Pick<Deployment, 'id' | 'store' | 'secrets'>
  readonly regions: Regions
  /** Where what is done to trust and to the home is recorded. */
  readonly journal: Journal<GlobalWrites>
  readonly now: () => number
  readonly onError: (error: unknown, what: string) => void
}

/** Opens the Regions of other places that are trusted. @throws ConfigError where the home cannot be found */
export async function openPeers(parts: PeersParts): Promise<Peers> {
  const { urls, deployment, regions, onError } = parts
  const { store } = deployment
  const speaker = homeRegion(regions.served)
  const trust = await openTrustedRegions({ ...parts, store })
  const connect = (claims: HomeClaims) => createPeerClients(urls, regions, trust, claims)
  const place = await openHomePlace({ ...parts, speaker, connect, trusted: trust.trusted })
  const { clients } = place
  const links = createRemoteLinks(clients, onError)
  const renewedListeners: (() => void)[] = []
  store.onCommit(() => {
    if (place.home() === null) clients.hint(speaker, clients.reached(), 'global')
  })
  for (const { marks } of regions) marks.expect(trust.trusted().map(({ region }) => region))

  return {
    remote: createRemoteRegions(
      clients.reached,
      () => strangersOf(urls, trust),
      (region) => clients.get(speaker, region),
    ),
    place,
    contextOf: clients.contextOf,
    recognize: trust.recognize,
    parted: trust.parted,
    renewed(region) {
      clients.renew(region)
      for (const listener of renewedListeners) listener()
    },
    onRenewed(listener) {
      renewedListeners.push(listener)
    },
    introduce: async () => ({
      deployment: deployment.id,
      home: place.home()?.region ?? speaker,
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
      for (const { marks } of regions) marks.heard(region)
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
      else if (from === place.home()?.region) place.home()?.hinted()
    },
    report: () => reportOf(parts, { place, links, trust }),
    notices: () => [...noticesOf(place), ...(isApart(urls, place, trust) ? [apartText([...urls.keys()])] : [])],
    async stop() {
      place.stop()
      await links.stop()
      clients.close()
    },
  }
}

function noticesOf(place: HomePlace): readonly string[] {
  const copies = place.putBack.all()
  const home = place.home()
  const isPutBack = home !== null && home.loss() !== null
  return [
    ...(copies.length === 0 ? [] : [forgottenText(copies)]),
    ...(isPutBack ? [upper(putBackText(home.region))] : []),
  ]
}

/** Those that have an address here and are not trusted. */
function strangersOf(urls: ReadonlyMap<Region, URL>, { trusted }: Pick<TrustedRegions, 'trusted'>): readonly Region[] {
  return [...urls.keys()].filter((region) => trusted().every((each) => each.region !== region))
}

/** A server that names others, and has never had to do with any of them, may be meant for a part of their deployment. */
function isApart(
  urls: ReadonlyMap<Region, URL>,
  place: HomePlace,
  { trusted, parted }: Pick<TrustedRegions, 'trusted' | 'parted'>,
): boolean {
  return urls.size > 0 && place.home() === null && trusted().length === 0 && parted().length === 0
}

function reportOf(
  { urls, regions, staleMs }: PeersParts,
  { place, links, trust }: Pick<Peers, 'place'> & { readonly links: RemoteLinks; readonly trust: TrustedRegions },
): PeersReport {
  const home = place.home()
  const trusted = trust.trusted()
  const parted = new Map(
    trust.parted().map(({ region, isGone }) => [region, isGone ? 'forgotten' : 'distrusted'] as const),
  )
  const peers = new Set([...urls.keys(), ...trusted.map(({ region }) => region)])
  return {
    regions: regions.served,
    home: home && {
      region: home.region,
      heardAt: home.heardAt(),
      failure: home.failure(),
    },
    forgottenBy: place.putBack.all(),
    isApart: isApart(urls, place, trust),
    givenTo: place.seat().givenTo,
    newerHome: place.claims.superseding()?.home ?? null,
    decides: decidesFor(place, staleMs) >= 0,
    rivalHome: place.claims.rival(),
    peers: [...peers].map((region) => ({
      region,
      url: urls.get(region)?.origin ?? null,
      isTrusted: trusted.some((each) => each.region === region),
      parted: parted.get(region) ?? null,
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
