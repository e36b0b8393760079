import type { Material, RotationSchedule } from './key.ts'
import type { MaterialId } from './material-id.ts'
import type { ImportsKnown, Incarnation } from './multi-region.ts'
import type { Region } from './region.ts'

/** What a Region has of a key, as it tells one that asks for what it has forgotten. */
export interface Possession {
  readonly epoch: number
  readonly revision: number
  /** Whom it takes for the primary under that epoch. */
  readonly primaryRegion: Region
  /** It holds the authority itself, even if it gives it away. */
  readonly governs: boolean
  /** It asks for what it has forgotten itself: what it says of others may be old. */
  readonly isRecovering: boolean
  readonly incarnation: Incarnation
  readonly active: boolean
  readonly materials: readonly Material[]
  readonly current: MaterialId | null
  readonly rotation: RotationSchedule | null
  readonly onDemandRotations: number
  readonly imports?: ImportsKnown
  /** Which life of whoever asks it counts among the members; null for none. */
  readonly counts: Incarnation | null
}

/** What a Region knows of a key. */
export interface Standing {
  /** The highest epoch of which it knows, whoever was meant to have it. */
  readonly highest: number
  /** Null where it has no such key. */
  readonly has: Possession | null
}

/**
 * That a Region may have forgotten what it has done with a key, and asks all others. Until they have answered it is
 * nobody's primary, and follows whoever is.
 */
export interface Recovery {
  /** Counts the recoveries of a key in this Region: an answer to an earlier one is none. */
  readonly round: number
  /** Who has yet to answer; null where nobody was asked yet. */
  readonly waits: readonly Region[] | null
  readonly standings: Readonly<Record<Region, Standing>>
  /** A Region that has the key no more, by its own word or that of an operator: it is no primary, and is not asked. */
  readonly without?: Region
  /** By how much the epoch grows where an operator gives authority away that a lost Region has; absent for one. */
  readonly leap?: number
}
