import type { DrillStep } from '../../domain/drill/step.ts'

/** One direction between two Regions that are in use. */
export interface DescribedLine {
  readonly source: string
  readonly destination: string
  /** Whether nothing passes on it, whatever the Regions at its ends are. */
  readonly cut: boolean
  /** By how much what passes is late, in milliseconds. */
  readonly lateMs: number
  /** How many messages its destination has yet to hear. */
  readonly waiting: number
  /** When the first of these was said, in epoch milliseconds; null where none waits. */
  readonly since: number | null
}

/** How the Regions of a server are to each other. */
export interface DescribedDrill {
  /** Whether anything of it can be changed. */
  readonly development: boolean
  /** By the server's clock, in epoch milliseconds. */
  readonly now: number
  /** What is wrong, in sentences; none where nothing is. */
  readonly faults: readonly string[]
  /** Those that are in use. */
  readonly regions: readonly { readonly region: string; readonly down: boolean }[]
  readonly lines: readonly DescribedLine[]
}

/**
 * Drills: what is done to Regions so that people see what happens then.
 *
 * What changes something throws DrillError where it cannot be done, outside development mode above all.
 */
export interface Drills {
  /** The account that the deployment began with: whoever may ask there runs it. */
  readonly operator: string
  /** Whether anything can be changed. */
  readonly development: boolean
  /** What is wrong, in sentences. It costs nothing. */
  faults(): readonly string[]
  describe(): Promise<DescribedDrill>
  step(step: DrillStep): Promise<void>
  /**
   * Moves the clock, and returns when what is due by then has happened.
   *
   * @param duration such as `30d`
   */
  advanceClock(duration: string): Promise<void>
}
