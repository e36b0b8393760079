/** 64 lowercase hex digits, the same in every Region of a multi-Region key. */
export type MaterialId = string

export type RotationType = 'AUTOMATIC' | 'ON_DEMAND'

/** One version of a key's material, without a byte of it. */
export interface Material {
  readonly id: MaterialId
  /** 1 for the first; each rotation adds one. The key encrypts with the generation of `current`. */
  readonly generation: number
  /** When and how this version took over; null for the first one, and for one that is not yet in use. */
  readonly rotation: { readonly at: number; readonly type: RotationType } | null
  /** How this version came to be asked for; null for the first one. */
  readonly requested: { readonly at: number; readonly type: RotationType } | null
  /** What whoever imported it says of it; absent where nothing was said. */
  readonly description?: string
  /** Of an imported material that is not yet in use: whether every related key has imported it. */
  readonly importedEverywhere?: boolean
}

/** Automatic rotation, a property that related keys share. */
export interface RotationSchedule {
  readonly periodDays: number
  readonly nextAt: number
}
