import type { Layer, PolicySource } from '../layers.ts'
import type { Near } from './misses.ts'

/** Policies of which one must allow. */
export interface Lacking {
  readonly layer: Layer
  readonly sources: readonly PolicySource[]
  /** The resource's policy, where that can allow without the others too. */
  readonly resource: PolicySource | null
  /** Statements that come close, the closest first. */
  readonly near: readonly Near[]
}
