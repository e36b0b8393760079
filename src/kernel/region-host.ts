import type { Region } from '../domain/region.ts'
import type { RegionStore, RegionWrites } from '../storage/store.ts'
import type { Vault } from '../storage/vault.ts'
import type { Journal } from './journal.ts'
import type { KeyCache } from './keys/cache.ts'
import type { LastUses } from './keys/last-uses.ts'
import type { RegionMarks } from './region-marks.ts'

/** The Regions that this process serves. */
export interface RegionHosts {
  readonly served: readonly Region[]
  /** One that is open; those that are not hold nothing. */
  get(region: Region): RegionHost | undefined
  /** Opens one of those that are served, if it is not open yet. */
  open(region: Region): Promise<RegionHost>
}

/** One Region that this process serves: its state, what opens it, and its audit log. */
export interface RegionHost {
  readonly region: Region
  readonly store: RegionStore
  readonly vault: Vault
  readonly keys: KeyCache
  readonly lastUses: LastUses
  readonly journal: Journal<RegionWrites>
  readonly marks: RegionMarks
}
