import { ElsewhereError } from '../../kernel/errors.ts'
import {
  bucketOf,
  DRAW_MS,
  throttled,
  type Asking,
  type Draw,
  type Drawn,
  type Throttle,
} from '../../kernel/throttle.ts'
import { toldOnce } from './told-once.ts'

/** What was drawn is spent within so many milliseconds of before it was asked for: less than who gives it counts. */
const PURSE_MS = 2500
/** For how long it is believed that no more can be had. */
const SHORT_MS = 3 * DRAW_MS
/** What was not used for so long is given back. */
const IDLE_MS = 1000
/** What may be let through before anything is drawn, of what a second allows, in parts of a hundred. */
const CREDIT = 1

/** Asks the process that leads for some of each bucket. */
export type DrawFrom = (askedAt: number, draws: readonly Draw[]) => Promise<readonly Drawn[]>

/** A throttle whose buckets are those of the process that leads. */
export interface DrawnThrottle extends Throttle {
  /** A request that was counted is counted elsewhere. */
  giveBack(call: object): void
  /** Tells what was asked, and draws. Nothing is asked where there was nothing to ask for. */
  draw(): Promise<void>
}

interface Purse {
  readonly perSecond: number
  left: number
  asked: number
  usedAt: number
  /** Until when what is left may be spent. */
  until: number
  isShort: boolean
  heardAt: number
}

/**
 * Lets through what was drawn from the buckets of the process that leads. Where it has drawn nothing yet, it lets a
 * hundredth of a second's quota through, which it owes; and for what is beyond that, the process that leads is asked.
 *
 * @param now a clock in milliseconds that is never moved
 */
export function createDrawnThrottle(now: () => number, drawFrom: DrawFrom): DrawnThrottle {
  const purses = new Map<string, Purse>()
  const spent = new WeakMap<object, Purse>()

  /** What is said of all that is used, or was. */
  function tell(at: number): readonly Draw[] {
    const draws: Draw[] = []
    for (const [bucket, purse] of purses) {
      const { perSecond, asked } = purse
      const left = leftIn(purse, at)
      if (asked > 0) draws.push({ bucket, perSecond, asked, left })
      else if (at - purse.usedAt >= IDLE_MS) {
        purses.delete(bucket)
        if (left !== 0) draws.push({ bucket, perSecond, asked, left })
      }
      purse.asked = 0
    }
    return draws
  }
  return {
    /** @throws ThrottlingException; ElsewhereError where the process that leads has to count it */
    admit(quota, call: Asking) {
      const at = now()
      const bucket = bucketOf(quota, call)
      const purse = purses.get(bucket) ?? newPurse(quota.perSecond)
      purses.set(bucket, purse)
      purse.asked += 1
      purse.usedAt = at
      const credit = purse.isShort ? 0 : Math.floor((quota.perSecond * CREDIT) / 100)
      if (leftIn(purse, at) + credit >= 1) {
        purse.left -= 1
        spent.set(call, purse)
        return
      }
      if (purse.isShort && at - purse.heardAt < SHORT_MS) throw throttled()
      throw new ElsewhereError('The process that leads has to count it.')
    },
    giveBack(call) {
      const purse = spent.get(call)
      if (purse !== undefined) purse.left += 1
      spent.delete(call)
    },
    async draw() {
      const at = now()
      const draws = tell(at)
      if (draws.length === 0) return
      for (const { bucket, given, isShort } of await drawFrom(at, draws)) {
        const purse = purses.get(bucket)
        if (purse === undefined) continue
        purse.left += given
        Object.assign(purse, { isShort, heardAt: at, until: at + PURSE_MS })
      }
    },
  }
}

function newPurse(perSecond: number): Purse {
  return { perSecond, left: 0, asked: 0, usedAt: 0, until: Infinity, isShort: false, heardAt: -Infinity }
}

/** What may still be let through; what is owed does not lapse. */
function leftIn(purse: Purse, at: number): number {
  if (at > purse.until) purse.left = Math.min(0, purse.left)
  return purse.left
}

/** Draws again and again, and ends where it is told to. */
export function drawOften(throttle: DrawnThrottle, onError: (error: unknown) => void): { stop(): void } {
  const tell = toldOnce(onError)
  let isRunning = false
  const timer = setInterval(() => {
    if (isRunning) return
    isRunning = true
    void tell(throttle.draw()).finally(() => {
      isRunning = false
    })
  }, DRAW_MS)
  return { stop: () => clearInterval(timer) }
}
