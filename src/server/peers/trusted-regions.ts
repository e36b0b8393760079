import pLimit from 'p-limit'
import { COMMERCIAL_REGIONS, type Region } from '../../domain/region.ts'
import { fingerprint } from '../../crypto/region-signature.ts'
import { recordDeploymentEvent, type DeploymentEvent } from '../../kernel/audit.ts'
import type { Journal } from '../../kernel/journal.ts'
import type { GlobalStore, GlobalWrites } from '../../storage/global-store.ts'
import { isGone } from '../../replication/lives.ts'
import { acquaint, acquaintAnew, isRenewed, type KnownRegion } from '../regions/acquaint.ts'
import type { Regions } from '../regions/regions.ts'
import type { Shown } from './peer-tls.ts'
import { forgetPeer, putPeers, trustedPeers } from './trusted-peers.ts'

/** A Region that was trusted once, and is no more. */
export interface PartedRegion {
  readonly region: Region
  readonly publicKey: Buffer
  /** Whether it was declared to be gone for good. */
  readonly isGone: boolean
}

/** The Regions of other places that are trusted, under the identities that they have now. */
export interface TrustedRegions {
  readonly trusted: () => readonly KnownRegion[]
  readonly parted: () => readonly PartedRegion[]
  /**
   * The Region that has shown this; null for nobody who is trusted. One that shows a renewed identity is known by it
   * from then on, and by no former one.
   */
  readonly recognize: (shown: Shown) => Promise<Region | null>
  /**
   * Trusts Regions from now on.
   *
   * @param anew also those that were trusted under other identities
   * @throws DataDirectoryError where one was trusted under another identity
   */
  add(peers: readonly KnownRegion[], anew: boolean): Promise<void>
  /** Trusts a Region no more. Says whether it was trusted. */
  remove(region: Region): Promise<boolean>
}

/** Lets each Region that is here, or is opened, know those that are trusted. */
export async function openTrustedRegions({
  store,
  regions,
  journal,
  now,
}: {
  readonly store: Pick<GlobalStore, 'reads'>
  readonly regions: Regions
  readonly journal: Journal<GlobalWrites>
  readonly now: () => number
}): Promise<TrustedRegions> {
  const inTurn = pLimit(1)
  let known = await look(store, regions)

  /** Changes who is trusted, with a record for each Region. */
  async function change(
    event: Pick<DeploymentEvent, 'eventName' | 'by'>,
    peers: readonly Pick<KnownRegion, 'region' | 'publicKey'>[],
    work: (writes: GlobalWrites) => Promise<void>,
  ): Promise<void> {
    await journal.transaction(async (writes, note) => {
      await work(writes)
      for (const { region, publicKey } of peers) {
        const requestParameters = { region, identity: fingerprint(publicKey) }
        await note(recordDeploymentEvent({ ...event, now: now(), requestParameters }))
      }
    })
    known = await look(store, regions)
  }

  async function forgetKnown(peers: readonly KnownRegion[]): Promise<void> {
    const gone = peers.filter(({ region }) => known.trusted.some((each) => each.region === region))
    await change({ eventName: 'DistrustRegion' }, gone, async (writes) => {
      for (const { region } of gone) await forgetPeer(writes, region)
    })
  }

  const knownBy = (shown: Shown): KnownRegion | null =>
    known.trusted.find(({ publicKey }) => publicKey.equals(shown.publicKey)) ?? null
  /** INVARIANT: what all Regions here go by is kept first: whoever misses it takes it at the next start. */
  async function take(shown: Shown): Promise<Region | null> {
    const found = knownBy(shown)
    if (found !== null) return found.region
    // Whoever was never anybody else has one certificate.
    if (shown.succession.length < 2) return null
    const renewed = known.trusted
      .map((each): readonly [KnownRegion, KnownRegion] => [each, { ...each, ...shown }])
      .find(([former, now]) => isRenewed(former, now))?.[1]
    if (renewed === undefined) return null
    const event = { eventName: 'TakeRenewedIdentity', by: renewed.region } as const
    await change(event, [renewed], (writes) => putPeers(writes, [renewed]))
    for (const host of regions) await acquaint(host, renewed)
    return renewed.region
  }

  regions.onOpen(async (host) => {
    for (const peer of known.trusted) await acquaint(host, peer)
  })
  for (const host of regions) for (const peer of known.trusted) await acquaint(host, peer)
  return {
    trusted: () => known.trusted,
    parted: () => known.parted,
    recognize: async (shown) => knownBy(shown)?.region ?? inTurn(() => take(shown)),
    add: (peers, anew) =>
      inTurn(async () => {
        // A kill in between leaves nobody who is trusted under two identities.
        if (anew) await forgetKnown(peers)
        for (const host of regions) for (const peer of peers) await (anew ? acquaintAnew : acquaint)(host, peer)
        await change({ eventName: 'TrustRegion' }, peers, (writes) => putPeers(writes, peers))
      }),
    remove: (region) =>
      inTurn(async () => {
        const gone = known.trusted.filter((each) => each.region === region)
        await forgetKnown(gone)
        return gone.length > 0
      }),
  }
}

/** Who is trusted, and who is no more. */
async function look(
  store: Pick<GlobalStore, 'reads'>,
  regions: Regions,
): Promise<{ readonly trusted: readonly KnownRegion[]; readonly parted: readonly PartedRegion[] }> {
  const trusted = await trustedPeers(store)
  return { trusted, parted: await partedFrom(regions, trusted) }
}

/** Those that a Region here knows, and that are neither here nor trusted. */
async function partedFrom(regions: Regions, trusted: readonly KnownRegion[]): Promise<readonly PartedRegion[]> {
  const known = new Set([...regions.served, ...trusted.map(({ region }) => region)])
  const parted = new Map<Region, PartedRegion>()
  for (const { store } of regions) {
    for (const region of COMMERCIAL_REGIONS.filter((each) => !known.has(each))) {
      const peer = await store.reads.peer(region)
      if (peer === null) continue
      const isDeclared = parted.get(region)?.isGone === true || (await isGone(store.reads, region))
      parted.set(region, { region, publicKey: peer.publicKey, isGone: isDeclared })
    }
  }
  return [...parted.values()]
}
