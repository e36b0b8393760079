/**
 * The lives of a Region's streams. A Region that was put back begins another one: what it had said and has forgotten is
 * not gone on with. Others take it up when they hear of it, and never go back to one that has ended.
 */
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { COMMERCIAL_REGIONS, type Region } from '../domain/region.ts'
import type { OutboxEntry, RegionReads, StoredPeer, Touched } from '../storage/store.ts'
import { STREAM_START } from './outbox.ts'
import { ask, distrustMember, recover } from './recovery.ts'
import { NOTHING, readSeat, writeStep, type Pen } from './seat.ts'

/** How many keys are looked up at a time. */
const PAGE = 500
/** A cursor of a Region that does not know any more how far it has heard another. */
const LOST = ''

const OWN = 'stream-incarnation'
const STARTS = 'stream-starts'
const RECOVERY = 'recovery'
const AGREED = 'agreed-life'
const endedName = (region: Region) => `ended-lives/${region}`
const startName = (region: Region) => `start-for/${region}`
const goneName = (region: Region) => `gone/${region}`
const declaredName = (region: Region) => `declared-gone/${region}`

/** A place in a stream. */
export interface StreamPlace {
  readonly seq: number
  /** Base64. */
  readonly hash: string
}

const place = z.object({ seq: z.number().int().nonnegative(), hash: z.base64() })
const startShape = place.extend({ life: z.string() })
const recoveryShape = z.object({ at: z.number(), why: z.string(), isDeclared: z.boolean().default(false) })

/**
 * That a Region was put back, or declared to be gone while it lives (`isDeclared`), and when that was noticed. Nobody
 * has said yet to know what that brings back.
 */
export type PutBack = z.infer<typeof recoveryShape>

/** The life in which a Region is now, and where its stream to `peer` begins in it. */
export async function ownLife(reads: RegionReads, peer: Region): Promise<{ life: string; start: StreamPlace }> {
  const starts = z.record(z.string(), place).parse(JSON.parse((await reads.meta(STARTS)) ?? '{}'))
  return { life: (await reads.meta(OWN)) ?? '', start: starts[peer] ?? BEGINNING }
}

/** The life in which a Region follows a peer; the same for one that has yet to learn where to go on. */
export async function cursorFor(reads: RegionReads, { region, incarnation }: StoredPeer) {
  const start = { source: region, incarnation, seq: 0, hash: STREAM_START }
  const kept = await reads.cursor(region)
  const isLost = kept?.incarnation === LOST
  return { cursor: isLost ? start : (kept ?? start), isLost }
}

/** Says whether a Region has yet to learn where the stream of a peer goes on. */
export async function isLostTo(reads: RegionReads, peer: Region): Promise<boolean> {
  return (await reads.cursor(peer))?.incarnation === LOST
}

/** The Regions that are trusted and not gone, in the order of their names. */
export async function livingPeers(reads: RegionReads): Promise<readonly StoredPeer[]> {
  const peers: StoredPeer[] = []
  for (const region of COMMERCIAL_REGIONS) {
    const peer = await reads.peer(region)
    if (peer !== null && !(await isGone(reads, region))) peers.push(peer)
  }
  return peers
}

/**
 * Begins another life of a Region, which may have forgotten what it did: its place in every stream, and whether it is
 * still the primary of its multi-Region keys. All others are asked, about each of them.
 *
 * @param why a sentence for people
 * @param isDeclared whether it has forgotten nothing, and others count it as gone
 */
export async function beginLife(pen: Pen, why: string, now: number, isDeclared = false): Promise<void> {
  const { writes } = pen
  const starts: Record<Region, StreamPlace> = {}
  for (const region of await writes.addressees()) starts[region] = placeOf(await writes.outboxHead(region))
  await writes.putMeta(OWN, randomUUID())
  await writes.putMeta(STARTS, JSON.stringify(starts))
  await writes.putMeta(RECOVERY, JSON.stringify({ at: now, why, isDeclared } satisfies PutBack))
  const peers = (await livingPeers(writes)).map(({ region }) => region)
  for (const source of peers) await writes.putCursor({ source, incarnation: LOST, seq: 0, hash: STREAM_START })
  for await (const { account, keyId } of relatedKeys(writes)) {
    const seat = await readSeat(writes, account, keyId)
    await writeStep(pen, seat, ask(recover(seat).seat, peers, now), NOTHING, now)
  }
}

/** That a Region was put back, until somebody says to know what that brings back; null where it was not. */
export async function putBackOf(reads: Pick<RegionReads, 'meta'>): Promise<PutBack | null> {
  const text = (await reads.meta(RECOVERY)) ?? ''
  return text === '' ? null : recoveryShape.parse(JSON.parse(text))
}

/** Somebody knows what it brings back that the Region was put back. */
export async function acknowledge({ writes }: Pick<Pen, 'writes'>): Promise<void> {
  await writes.putMeta(RECOVERY, '')
  await writes.putMeta(AGREED, (await writes.meta(OWN)) ?? '')
}

/** Says whether somebody has agreed that a Region was put back into the life in which it is now. */
export async function isAgreedPutBack(reads: Pick<RegionReads, 'meta'>): Promise<boolean> {
  const agreed = (await reads.meta(AGREED)) ?? ''
  return agreed !== '' && agreed === (await reads.meta(OWN))
}

/** Says whether a life of a peer has ended: whoever goes on with it was put back, or declared to be gone. */
export async function hasEnded(reads: Pick<RegionReads, 'meta'>, region: Region, life: string): Promise<boolean> {
  return (await endedLives(reads, region)).includes(life)
}

/** Says whether a peer has to be told where the stream to it goes on in the life that it has begun. */
export async function isNewLife(
  reads: Pick<RegionReads, 'meta'>,
  peer: StoredPeer,
  life: string,
  isLost: boolean,
): Promise<boolean> {
  return life !== peer.incarnation || (isLost && (await startFor(reads, peer.region))?.life !== life)
}

/**
 * Takes up the new life of a peer. What it had yet to hear is said anew where it still matters; what it has said of
 * itself counts no more.
 *
 * @param start where its stream begins
 */
export async function takeUpLife(
  pen: Pen,
  { region, publicKey, incarnation: former }: StoredPeer,
  life: string,
  start: StreamPlace,
  now: number,
): Promise<void> {
  const { writes } = pen
  if (former !== life) await endLife(writes, region, former)
  await writes.putPeer({ region, publicKey, incarnation: life })
  await writes.putMeta(goneName(region), '')
  await writes.putCursor({ source: region, incarnation: life, seq: start.seq, hash: Buffer.from(start.hash, 'base64') })
  await putStart(writes, region, life)
  for await (const { account, keyId } of relatedKeys(writes)) {
    const seat = await readSeat(writes, account, keyId)
    const step = distrustMember(seat, region)
    if (step.seat !== seat) await writeStep(pen, seat, step, NOTHING, now)
  }
}

/** What was said to a peer so far is not for the life that it has begun. */
async function putStart(writes: Pen['writes'], region: Region, life: string): Promise<void> {
  await writes.putMeta(startName(region), JSON.stringify({ life, ...placeOf(await writes.outboxHead(region)) }))
}

/** Where the stream to a peer goes on for one that does not know how far it has heard it. */
export async function startFor(
  reads: Pick<RegionReads, 'meta'>,
  region: Region,
): Promise<z.infer<typeof startShape> | null> {
  const text = await reads.meta(startName(region))
  return text === null ? null : startShape.parse(JSON.parse(text))
}

/** A life of a peer has ended: nothing of it is heard any more. */
export async function endLife(writes: Pen['writes'], region: Region, life: string): Promise<void> {
  const ended = await endedLives(writes, region)
  if (!ended.includes(life)) await writes.putMeta(endedName(region), JSON.stringify([...ended, life]))
}

/** Whoever an operator has declared to be gone is heard again in another life only. Where it lives, it is to ask. */
export async function disown(writes: Pen['writes'], gone: Region): Promise<void> {
  const peer = await writes.peer(gone)
  if (peer === null) return
  await endDeclared(writes, peer)
  writes.wake(gone)
}

/** Says whether a life of a peer has ended because somebody has said so. */
export async function isDeclaredEnded(
  reads: Pick<RegionReads, 'meta'>,
  region: Region,
  life: string,
): Promise<boolean> {
  return (await reads.meta(declaredName(region))) === life
}

async function endDeclared(writes: Pen['writes'], { region, incarnation }: StoredPeer): Promise<void> {
  await endLife(writes, region, incarnation)
  await writes.putMeta(declaredName(region), incarnation)
}

/** Says whether somebody has declared a peer to be gone, and it has not come back in another life. */
export async function isGone(reads: Pick<RegionReads, 'meta'>, region: Region): Promise<boolean> {
  return ((await reads.meta(goneName(region))) ?? '') !== ''
}

/**
 * A Region is trusted from now on. One that was gone comes back in another life, which is taken up when it asks: then it
 * says where its stream begins in it. Until then it is known in the one that has ended.
 */
export async function welcome(writes: Pen['writes'], peer: StoredPeer): Promise<void> {
  const { region } = peer
  const known = await writes.peer(region)
  await writes.putPeer(known === null ? peer : { ...peer, incarnation: known.incarnation })
  await writes.putMeta(goneName(region), '')
}

/** A peer is gone for good, as somebody says. */
export async function declareGone(writes: Pen['writes'], peer: StoredPeer): Promise<void> {
  await endDeclared(writes, peer)
  await writes.putMeta(goneName(peer.region), '1')
}

async function endedLives(reads: Pick<RegionReads, 'meta'>, region: Region): Promise<readonly string[]> {
  return z.array(z.string()).parse(JSON.parse((await reads.meta(endedName(region))) ?? '[]'))
}

const BEGINNING: StreamPlace = { seq: 0, hash: STREAM_START.toString('base64') }

function placeOf(head: OutboxEntry | null): StreamPlace {
  return head === null ? BEGINNING : { seq: head.seq, hash: head.hash.toString('base64') }
}

/** Every multi-Region key of a Region, each once, though it changes meanwhile. */
export async function* relatedKeys(reads: RegionReads): AsyncGenerator<Touched> {
  let after: Touched | null = null
  for (;;) {
    const keys: Awaited<ReturnType<RegionReads['keysOfAll']>> = await reads.keysOfAll(after, PAGE)
    for (const { account, id, family } of keys) if (family !== null) yield { account, keyId: id }
    const last = keys.at(-1)
    if (keys.length < PAGE || last === undefined) return
    after = { account: last.account, keyId: last.id }
  }
}
