/**
 * Regions tell each other how far they have heard one another: that is kept outside the store of the one that was heard,
 * and shows it that it was put back.
 */
import type { Region } from '../domain/region.ts'
import type { RegionReads, StoredPeer } from '../storage/store.ts'
import type { DriverHost } from './driver-host.ts'
import type { Aside, Mark, Pull } from './exchange.ts'
import {
  beginLife,
  hasEnded,
  isDeclaredEnded,
  isGone,
  isNewLife,
  ownLife,
  startFor,
  takeUpLife,
  type StreamPlace,
} from './lives.ts'
import { STREAM_START } from './outbox.ts'
import { ExchangeError, NewLifeError } from './signed.ts'

/** How far a Region has heard a peer. */
export async function markOf(reads: RegionReads, { region, incarnation }: StoredPeer): Promise<Mark> {
  const cursor = await reads.cursor(region)
  const { seq, hash } = cursor ?? { seq: 0, hash: STREAM_START }
  return { life: incarnation, seq, hash: hash.toString('base64') }
}

/**
 * Compares what another has heard with what this Region has said. Where it has heard more, or of another life, this
 * Region was put back, or is counted as gone: it begins another.
 *
 * @throws ExchangeError where it does
 */
export async function compareMark(host: DriverHost, by: Region, mark: Mark, now: number): Promise<void> {
  const { store, marks } = host
  const { life } = await ownLife(store.reads, by)
  if (mark.life === life && (await hasSaid(store.reads, by, mark))) return marks?.heard(by)
  await noticePutBack(host, by, life, now, mark.isDeclared === true)
}

/**
 * Meets a peer that asks: takes up the life that it has begun, and tells one that lives what has ended. Null where it
 * is to be answered.
 *
 * @throws ExchangeError where the two do not speak of the same streams
 */
export async function meet(host: DriverHost, pull: Pull, peer: StoredPeer, now: number): Promise<Aside | null> {
  const { region, store } = host
  const { destination, life, isLost = false } = pull
  if (life !== undefined && (await hasEnded(store.reads, destination, life))) {
    const isDeclared = await isDeclaredEnded(store.reads, destination, life)
    return { heard: { life: '', seq: 0, hash: STREAM_START.toString('base64'), isDeclared } }
  }
  // SECURITY: whoever was declared to be gone is heard again when somebody says so, and not by itself.
  if (await isGone(store.reads, destination)) {
    throw new ExchangeError(
      `${destination} was declared to be gone for good. It is heard again once it is trusted anew: keyspan region trust`,
    )
  }
  if (life !== undefined && (await isNewLife(store.reads, peer, life, isLost)))
    await takeUp(host, pull, peer, life, now)
  const own = await ownLife(store.reads, destination)
  if (pull.incarnation !== own.life) {
    throw new NewLifeError(`${destination} follows a stream of ${region} that is no more: it will hear of the new one.`)
  }
  const start = await startFor(store.reads, destination)
  const isBefore = start !== null && start.life === life && pull.afterSeq < start.seq
  if (isLost || isBefore) return start === null ? {} : { start: { seq: start.seq, hash: start.hash } }
  if (!(await hasSaid(store.reads, destination, { seq: pull.afterSeq, hash: pull.afterHash }))) {
    await noticePutBack(host, destination, own.life, now)
  }
  return null
}

async function takeUp(host: DriverHost, pull: Pull, peer: StoredPeer, life: string, now: number): Promise<void> {
  const { vault, journal, alarm, region } = host
  const start = pull.start ?? { seq: 0, hash: STREAM_START.toString('base64') }
  await journal.transaction(async (writes, note) => {
    const known = (await writes.peer(peer.region)) ?? peer
    if (await isNewLife(writes, known, life, pull.isLost ?? false)) {
      await takeUpLife({ writes, note, vault }, known, life, start, now)
    }
  })
  const why = `${peer.region} has begun again: it was put back from a backup, or had been declared to be gone.`
  alarm(new NewLifeError(why), `${region} hears it`)
}

/**
 * This Region was put back, and nobody had said so; or it lives, and was declared to be gone. From this moment on it is
 * nobody's primary until all have answered.
 */
async function noticePutBack(
  host: DriverHost,
  by: Region,
  life: string,
  now: number,
  isDeclared = false,
): Promise<never> {
  const { region, vault, journal, alarm, onNewLife } = host
  const why = isDeclared
    ? `${by} counts it as gone, as somebody has said there (keyspan region forget, or mrk force-primary)`
    : `${by} has heard what ${region} does not know to have said`
  await journal.transaction(async (writes, note) => {
    // Another may have noticed it as well.
    if ((await ownLife(writes, by)).life === life) await beginLife({ writes, note, vault }, why, now, isDeclared)
  })
  onNewLife?.()
  const error = new ExchangeError(
    isDeclared
      ? `${region} was declared to be gone for good: ${why}. It is nobody's primary until all others have said what they ` +
          `know, and is heard where it is trusted anew: keyspan region recover ${region}`
      : `${why}: it was put back from a backup. It asks all Regions what it has forgotten. What was disabled, revoked or ` +
          `deleted since may live again: keyspan region recover ${region}`,
  )
  alarm(error, `the data of ${region}`)
  throw error
}

/** Says whether a place is one that the stream to a peer has passed, with that hash. */
async function hasSaid(reads: RegionReads, to: Region, { seq, hash }: StreamPlace): Promise<boolean> {
  if (seq === 0) return true
  const [entry] = await reads.outbox(to, seq - 1, 1)
  if (entry === undefined) return false
  // An entry that has been forgotten cannot be compared any more; those behind it still chain to it.
  return entry.seq > seq || entry.hash.toString('base64') === hash
}
