import { trailArn, type Trail } from '../../../domain/trail/trail.ts'

/** How soon a delivery that has failed is tried again, in milliseconds; each time twice as late. */
const FIRST_REST_MS = 2000
const MAX_REST_MS = 10 * 60 * 1000

/** Remembers whose deliveries fail, and when they are to be tried again. */
export interface Patience {
  isResting(id: string): boolean
  /** In milliseconds from now; infinite where nothing fails. */
  restMs(): number
  /** Does a part of a delivery; who fails is done for this round. */
  attempt<Rider extends { readonly trail: Trail }>(
    rider: Rider,
    riders: Set<Rider>,
    work: () => Promise<void>,
  ): Promise<void>
  /** These have done all of a round. */
  succeed(riders: Iterable<{ readonly trail: Trail }>): void
}

interface Failing {
  readonly restMs: number
  /** By the clock that only goes forward. */
  readonly until: number
}

/** @param onError called once for each time that a trail begins to fail */
export function createPatience(onError: (error: unknown, what: string) => void): Patience {
  const failing = new Map<string, Failing>()
  return {
    isResting: (id) => performance.now() < (failing.get(id)?.until ?? 0),
    restMs: () => Math.max(0, Math.min(...[...failing.values()].map(({ until }) => until)) - performance.now()),
    async attempt(rider, riders, work) {
      const { trail } = rider
      try {
        await work()
      } catch (error) {
        riders.delete(rider)
        const last = failing.get(trail.id)
        if (last === undefined) onError(error, `deliver the trail ${trailArn(trail)}`)
        const restMs = last === undefined ? FIRST_REST_MS : Math.min(last.restMs * 2, MAX_REST_MS)
        failing.set(trail.id, { restMs, until: performance.now() + restMs })
      }
    },
    succeed(riders) {
      for (const { trail } of riders) failing.delete(trail.id)
    },
  }
}
