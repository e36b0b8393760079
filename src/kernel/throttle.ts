import { createRecent } from '../domain/recent.ts'
import type { Region } from '../domain/region.ts'
import { common, type WireError } from './errors.ts'
import type { Call } from './call.ts'

/** How many buckets are kept. One that is dropped is full again. */
const BUCKETS = 10_000
/** More processes than have ever drawn at once. */
const PROCESSES = 1000

/** How often others draw from a bucket that they use, in milliseconds. */
export const DRAW_MS = 100
/** For so many times as long they are given what they were asked last. */
export const AHEAD = 10
/** What was drawn is spent within so many milliseconds, or never. */
const PURSE_MS = 3000

/** How often an account may ask for something in one Region. */
export interface Quota {
  /** The operation, or what several operations share. */
  readonly name: string
  /** May be less than one. */
  readonly perSecond: number
}

/** The quota that a request uses up; null where there is none. */
export type QuotaOf = (operation: string, body: Readonly<Record<string, unknown>>, region: Region) => Quota | null

/** Who asks, and where. */
export type Asking = Pick<Call, 'region'> & { readonly caller: Pick<Call['caller'], 'account'> }

/** Holds each account to its quotas in each Region. */
export interface Throttle {
  /**
   * Counts a request, for the caller's account and not for that of the key (AWS KMS Developer Guide, "Request
   * quotas").
   *
   * @throws ThrottlingException where the quota is used up
   */
  admit(quota: Quota, call: Asking): void
}

/** What another process says of a bucket when it draws from it. */
export interface Draw {
  /** By `bucketOf`. */
  readonly bucket: string
  readonly perSecond: number
  /** How many requests it had since it last drew; where it had none, it gives back what is left. */
  readonly asked: number
  /** How many requests it may still let through; less than none where it has let through more than it was given. */
  readonly left: number
}

/** What it is given. */
export interface Drawn {
  readonly bucket: string
  /** How many more requests it may let through. */
  readonly given: number
  /** Whether that is less than it needs. */
  readonly isShort: boolean
}

/** A throttle from whose buckets other processes draw, so that one quota holds for all together. */
export interface SharedThrottle extends Throttle {
  /**
   * Gives a process some of each bucket: as much as it needs, or its share by what each process is asked. It has to spend
   * that within three seconds of before it asked.
   *
   * @param askedAt when it asked, by its own clock that is never moved: what comes too late is passed over
   */
  draw(process: string, askedAt: number, draws: readonly Draw[]): readonly Drawn[]
}

/** INVARIANT: what is free and what others hold is never more than the capacity. What is spent was filled in once. */
interface Bucket {
  readonly perSecond: number
  readonly capacity: number
  /** What can be let through or given away. */
  free: number
  /** When that was so. */
  at: number
  readonly own: { left: number; drawnAt: number; asked: number; since: number; demand: number }
  /** What others hold, by their ids. */
  readonly purses: Map<string, Purse>
}

interface Purse {
  /** As far as it has told. */
  readonly left: number
  /** How many requests it had in the time between two draws. */
  readonly demand: number
  readonly isShort: boolean
  readonly until: number
}

/** What is counted together. */
export function bucketOf({ name }: Quota, { caller, region }: Asking): string {
  return `${caller.account}/${region}/${name}`
}

/** What a request is told whose quota is used up. */
export function throttled(): WireError {
  return common.ThrottlingException(
    'You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.',
  )
}

/**
 * A throttle of token buckets: each holds what one second allows, at least one, and fills evenly.
 *
 * @param now a clock in milliseconds that is never moved
 */
export function createThrottle(now: () => number): SharedThrottle {
  const buckets = createRecent<string, Bucket>(BUCKETS)
  /** When each process last drew, by its own clock. */
  const heard = createRecent<string, number>(PROCESSES)

  function find(name: string, perSecond: number, at: number): Bucket {
    let bucket = buckets.get(name)
    if (bucket === undefined) {
      bucket = newBucket(perSecond, at)
      buckets.set(name, bucket)
    }
    fill(bucket, at)
    return bucket
  }

  return {
    admit(quota, call) {
      const at = now()
      const bucket = find(bucketOf(quota, call), quota.perSecond, at)
      countOwn(bucket, at)
      if (!takeOwn(bucket, at)) throw throttled()
    },
    draw(process, askedAt, draws) {
      if (askedAt <= (heard.get(process) ?? -Infinity)) return []
      heard.set(process, askedAt)
      const at = now()
      return draws.map((draw) => drawn(find(draw.bucket, draw.perSecond, at), process, draw, at))
    },
  }
}

function newBucket(perSecond: number, at: number): Bucket {
  const capacity = Math.max(1, perSecond)
  const own = { left: 0, drawnAt: -Infinity, asked: 0, since: at, demand: 0 }
  return { perSecond, capacity, free: capacity, at, own, purses: new Map() }
}

/** Fills in what time has brought. */
function fill(bucket: Bucket, at: number): void {
  let room = bucket.capacity - bucket.own.left
  for (const [process, { left, until }] of bucket.purses) {
    // Its process may have spent all of it.
    if (until < at) bucket.purses.delete(process)
    else room -= left
  }
  const brought = ((at - bucket.at) / 1000) * bucket.perSecond
  bucket.free = Math.max(bucket.free, Math.min(room, bucket.free + brought))
  bucket.at = at
}

/** Takes in what a process says, and gives it what it gets. */
function drawn(bucket: Bucket, process: string, { bucket: name, asked, left }: Draw, at: number): Drawn {
  const known = bucket.purses.get(process)?.left ?? 0
  const kept = Math.min(known, Math.max(0, left))
  const owed = Math.max(0, -left)
  bucket.purses.delete(process)
  bucket.free -= owed
  if (asked === 0) {
    bucket.free += kept
    return { bucket: name, given: owed, isShort: false }
  }
  const wanted = Math.max(0, asked * AHEAD - kept)
  const given = Math.min(wanted, shareOf(bucket, asked, bucket.own.demand))
  const isShort = given < wanted
  bucket.free -= given
  bucket.purses.set(process, { left: kept + given, demand: asked, isShort, until: at + PURSE_MS })
  return { bucket: name, given: given + owed, isShort }
}

/** Counts how much this process itself is asked. */
function countOwn({ own }: Bucket, at: number): void {
  const elapsed = at - own.since
  if (elapsed >= DRAW_MS) {
    own.demand = (own.asked * DRAW_MS) / elapsed
    own.asked = 0
    own.since = at
  }
  own.asked += 1
}

/** Lets a request through that this process was asked, where it may. */
function takeOwn(bucket: Bucket, at: number): boolean {
  const { own } = bucket
  const isScarce = isShortForOthers(bucket)
  if (!isScarce || at - own.drawnAt >= DRAW_MS) {
    bucket.free += own.left
    own.left = 0
  }
  if (!isScarce) {
    if (bucket.free < 1) return false
    bucket.free -= 1
    return true
  }
  if (at - own.drawnAt >= DRAW_MS) {
    own.left = shareOf(bucket, Math.max(own.demand, own.asked), 0)
    own.drawnAt = at
    bucket.free -= own.left
  }
  if (own.left < 1) return false
  own.left -= 1
  return true
}

function isShortForOthers({ purses }: Bucket): boolean {
  for (const { isShort } of purses.values()) if (isShort) return true
  return false
}

/** What one of those who use a bucket gets of what is free, where it is scarce; at least one, where there is one. */
function shareOf({ free, purses }: Bucket, demand: number, ownDemand: number): number {
  if (free < 1) return 0
  let all = demand + ownDemand
  for (const purse of purses.values()) all += purse.demand
  return Math.max(1, Math.floor((free * demand) / all))
}
