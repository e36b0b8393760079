import type { MaterialId } from './material-id.ts'
import type { Recovery } from './recovery.ts'
import type { Region } from './region.ts'
import type { Tag } from './tags.ts'

/**
 * Which life of a Region's membership is meant: a Region that lost its replica and gets a new one has a new,
 * higher incarnation, so that late messages of the old life are recognized. Ordered by epoch, then counter.
 */
export interface Incarnation {
  readonly epoch: number
  readonly counter: number
}

/** What a replica has of its own from birth; nothing of this is ever copied from the primary. */
export interface ReplicaBirth {
  readonly createdAt: number
  readonly description: string
  readonly policy: string
  readonly principals: Readonly<Record<string, string>>
  readonly tags: readonly Tag[]
}

/** What one Region has told another of the materials that were imported there. */
export interface ImportsKnown {
  readonly revision: number
  readonly held: readonly MaterialId[]
}

/** What the primary knows of one related key. */
export interface Member {
  readonly incarnation: Incarnation
  /** It has every material of the key, and rotations wait for it from then on. */
  readonly full: boolean
  /** It holds the staged material; unless that was imported, of which `imports` tells. */
  readonly holdsStaged: boolean
  /** Absent where the origin is AWS_KMS, and until it was heard of. */
  readonly imports?: ImportsKnown
  /** It said that it is in use. */
  readonly active: boolean
  /** The last revision of the shared properties that it said it has taken over. */
  readonly revision: number
  /** Sent until the replica exists. */
  readonly birth: ReplicaBirth | null
}

/** To whom authority is given, and under which epoch. */
interface HandOff {
  readonly to: Region
  readonly epoch: number
  /** The request that asked for it; absent where an older release was asked. */
  readonly requestId?: string
}

/** The power over a multi-Region key: held by its primary, and by nobody while it moves. */
export interface Authority {
  readonly members: Readonly<Record<Region, Member>>
  /** The last incarnation counter given out under this epoch. */
  readonly counter: number
  /** Set while the primary gives its authority away: from then on it refuses all that only a primary may do. */
  readonly handOff: HandOff | null
  /** The former primary that has not yet said that it stepped down; null when settled. */
  readonly awaiting: Region | null
}

/** A key's place among its related multi-Region keys. */
export interface Family {
  /** Grows by one with each new primary; whoever knows a higher one is right. */
  readonly epoch: number
  /** Counts changes of the shared properties within an epoch. */
  readonly revision: number
  readonly incarnation: Incarnation
  /** False while a replica is being created. */
  readonly active: boolean
  readonly primaryRegion: Region
  /** As last heard from the primary; on the primary itself, the Regions of its members. */
  readonly replicaRegions: readonly Region[]
  readonly authority: Authority | null
  /** Absent where this Region knows what it has done. */
  readonly recovery?: Recovery
}

/** A Region that recovers has had authority, and does not know whether it has it still. */
export type Role = 'PRIMARY' | 'REPLICA' | 'HANDING_OFF' | 'RECOVERING'

/** The role that follows from who holds authority. A key that stands alone is its own primary. */
export function roleOf(family: Family | null): Role {
  if (family === null) return 'PRIMARY'
  if (family.authority === null) return 'REPLICA'
  if (family.recovery !== undefined) return 'RECOVERING'
  return family.authority.handOff === null ? 'PRIMARY' : 'HANDING_OFF'
}

/** Negative, zero or positive as `a` is older than, the same as or newer than `b`. */
export function compareIncarnations(a: Incarnation, b: Incarnation): number {
  return a.epoch - b.epoch || a.counter - b.counter
}

/** What remains when a Region's key is deleted, and what must outlive it. */
export interface Tombstone {
  /** The highest incarnation this Region has ever been. */
  readonly last: Incarnation
  /** The answer given to the latest hand-off; given again when asked again. */
  readonly outcome: { readonly epoch: number; readonly accepted: boolean } | null
  /** How often this Region has recovered the key; absent for never. */
  readonly recoveries?: number
}
