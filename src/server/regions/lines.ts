import { isConnected, isHeard, lineOf, NO_FAULTS, type Faults } from '../../domain/drill/faults.ts'
import type { Region } from '../../domain/region.ts'

/**
 * The lines between the Regions of this process, and what a drill does to them. It is in memory: a server that is
 * started again has none of it.
 */
export interface Lines {
  readonly faults: () => Faults
  /** Whether nobody can reach a Region. */
  readonly isDown: (region: Region) => boolean
  /** Whether what one Region says reaches another. */
  readonly isHeard: (source: Region, destination: Region) => boolean
  /** Whether a Region can ask another, and be answered. */
  readonly isConnected: (one: Region, other: Region) => boolean
  /** Whether what passes on a line is late. */
  readonly isSlow: (source: Region, destination: Region) => boolean
  /**
   * Brings something over a line, in the time that it takes there by the server's clock.
   *
   * @throws LineCutError where the line is cut, then or meanwhile
   */
  carry<Something>(source: Region, destination: Region, something: () => Promise<Something>): Promise<Something>
  /** Has everything be so from now on. */
  set(faults: Faults): void
  /** Looks again at what is on its way: the clock was moved. */
  lookAgain(): void
  /** Nothing passes any more. */
  close(): void
}

/** That something was on its way when its line was cut. */
export class LineCutError extends Error {}

/** Lines on which everything passes at once. */
export function createLines(now: () => number): Lines {
  let faults = NO_FAULTS
  let isClosed = false
  const waiting = new Set<() => void>()
  const lookAgain = (): void => {
    for (const wake of waiting) wake()
  }
  const lateness = (source: Region, destination: Region): number => faults.delays.get(lineOf(source, destination)) ?? 0
  const heard = (source: Region, destination: Region): boolean => !isClosed && isHeard(faults, source, destination)
  const requireHeard = (source: Region, destination: Region): void => {
    if (!heard(source, destination)) throw new LineCutError(`${source} is cut off from ${destination}.`)
  }
  /** Returns after so many milliseconds, or when something has changed. */
  const rest = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer)
        waiting.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, milliseconds)
      waiting.add(wake)
    })

  return {
    faults: () => faults,
    isDown: (region) => faults.down.has(region),
    isHeard: heard,
    isConnected: (one, other) => isConnected(faults, one, other),
    isSlow: (source, destination) => lateness(source, destination) > 0,
    async carry(source, destination, something) {
      requireHeard(source, destination)
      const sent = now()
      const carried = await something()
      for (;;) {
        const left = sent + lateness(source, destination) - now()
        if (left <= 0) return carried
        await rest(left)
        requireHeard(source, destination)
      }
    },
    set(next) {
      faults = next
      lookAgain()
    },
    lookAgain,
    close() {
      isClosed = true
      lookAgain()
    },
  }
}
