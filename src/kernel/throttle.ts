import { createRecent } from '../domain/recent.ts'
import type { Region } from '../domain/region.ts'
import { common } from './errors.ts'
import type { Call } from './call.ts'

/** How many buckets are kept. One that is dropped is full again. */
const BUCKETS = 10_000

/** How often an account may ask for something in one Region. */
export interface Quota {
  /** The operation, or what several operations share. */
  readonly name: string
  /** May be less than one. */
  readonly perSecond: number
}

/** The quota that a request uses up; null where there is none. */
export type QuotaOf = (operation: string, body: Readonly<Record<string, unknown>>, region: Region) => Quota | null

/** Holds each account to its quotas in each Region. */
export interface Throttle {
  /**
   * Counts a request, for the caller's account and not for that of the key (AWS KMS Developer Guide, "Request
   * quotas").
   *
   * @throws ThrottlingException where the quota is used up
   */
  admit(quota: Quota, call: { readonly caller: Pick<Call['caller'], 'account'>; readonly region: Region }): void
}

interface Bucket {
  tokens: number
  /** When it had that many. */
  at: number
}

/**
 * A throttle of token buckets: each holds what one second allows, at least one, and fills evenly.
 *
 * @param now a clock in milliseconds that is never moved
 */
export function createThrottle(now: () => number): Throttle {
  const buckets = createRecent<string, Bucket>(BUCKETS)

  return {
    admit({ name, perSecond }, { caller, region }) {
      const key = `${caller.account}/${region}/${name}`
      const capacity = Math.max(1, perSecond)
      const at = now()
      const before = buckets.get(key) ?? { tokens: capacity, at }
      const tokens = Math.min(capacity, before.tokens + ((at - before.at) / 1000) * perSecond)
      const isAdmitted = tokens >= 1
      buckets.set(key, { tokens: isAdmitted ? tokens - 1 : tokens, at })
      if (isAdmitted) return
      throw common.ThrottlingException(
        'You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.',
      )
    },
  }
}
