import { z } from 'zod'
import { COMMERCIAL_REGIONS, type Region } from '../../domain/region.ts'
import type { GlobalStore, GlobalWrites } from '../../storage/global-store.ts'
import type { KnownRegion } from '../regions/acquaint.ts'
import { seatMarks } from './home-seat.ts'

const kept = z.object({ publicKey: z.base64(), incarnation: z.string(), succession: z.array(z.base64()).default([]) })

/** What a global store keeps from its beginning on that is the copy of another. */
export function marksOfCopy(home: Region, peers: readonly KnownRegion[]): ReadonlyMap<string, string> {
  return new Map([...seatMarks(home), ...peers.map(markOf)])
}

/** The Regions of other places that this deployment trusts. */
export async function trustedPeers({ reads }: Pick<GlobalStore, 'reads'>): Promise<readonly KnownRegion[]> {
  const peers: KnownRegion[] = []
  for (const region of COMMERCIAL_REGIONS) {
    const text = (await reads.meta(nameOf(region))) ?? ''
    if (text === '') continue
    const { publicKey, incarnation, succession } = kept.parse(JSON.parse(text))
    peers.push({
      region,
      publicKey: Buffer.from(publicKey, 'base64'),
      incarnation,
      succession: succession.map((each) => Buffer.from(each, 'base64')),
    })
  }
  return peers
}

/** Trusts Regions of another place from now on. */
export async function putPeers(writes: Pick<GlobalWrites, 'putMeta'>, peers: readonly KnownRegion[]): Promise<void> {
  for (const peer of peers) await writes.putMeta(...markOf(peer))
}

/** Trusts a Region no more. */
export function forgetPeer(writes: Pick<GlobalWrites, 'putMeta'>, region: Region): Promise<void> {
  return writes.putMeta(nameOf(region), '')
}

function markOf({ region, publicKey, incarnation, succession }: KnownRegion): readonly [string, string] {
  const certificates = succession.map((each) => each.toString('base64'))
  return [
    nameOf(region),
    JSON.stringify({ publicKey: publicKey.toString('base64'), incarnation, succession: certificates }),
  ]
}

function nameOf(region: Region): string {
  return `peer/${region}`
}
