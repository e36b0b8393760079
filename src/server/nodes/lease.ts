import type { Lease } from './leases.ts'

/**
 * A follower believes in its lease for so much less than whoever gave it: clocks do not go alike. It is in parts of a
 * hundred.
 */
const MARGIN = 10

/** A lease as its follower has it. It is asked before and after each answer, and must cost nothing. */
export interface OwnLease {
  readonly isGood: () => boolean
  /** For how long it was not renewed, in milliseconds. */
  readonly age: () => number
  /**
   * Goes on with it.
   *
   * @param askedAt when it was asked for, by this process's own monotonic clock: it is measured from there
   */
  extend(askedAt: number, lease: Pick<Lease, 'ms'>): void
  /** It is over, and stays so. */
  end(): void
}

export function createLease(): OwnLease {
  let until = -Infinity
  let renewedAt = -Infinity
  let isOver = false
  return {
    isGood: () => !isOver && performance.now() < until,
    age: () => performance.now() - renewedAt,
    extend(askedAt, { ms }) {
      renewedAt = askedAt
      until = Math.max(until, askedAt + (ms * (100 - MARGIN)) / 100)
    },
    end() {
      isOver = true
    },
  }
}
