import type { Region } from '../domain/region.ts'
import type { Tracer } from '../domain/tracing/span.ts'
import type { RegionStore, RegionWrites } from '../storage/store.ts'
import type { Vault } from '../storage/vault.ts'
import type { Signed } from './signed.ts'
import type { Pen } from './seat.ts'

/** Another Region, as one Region reaches it. */
export interface Peer {
  readonly region: Region
  exchange(pull: Signed): Promise<Signed>
}

/** What the driver needs of its own Region. */
export interface DriverHost {
  readonly region: Region
  readonly store: RegionStore
  readonly vault: Vault
  readonly journal: {
    transaction<Result>(work: (writes: RegionWrites, note: Pen['note']) => Promise<Result>): Promise<Result>
  }
  /** Tells an operator what does not mend itself, and stops one key. The same may be told more than once. */
  readonly alarm: (error: unknown, about: string) => void
  /** Told when the Region has begun another life: it does not know any more where the streams of others go on. */
  readonly onNewLife?: () => void
  /** What other places have said of this Region since the start; absent where there are none. */
  readonly marks?: {
    readonly unheard: () => readonly Region[]
    heard(region: Region): void
  }
  /** Absent where nothing is traced. */
  readonly tracer?: Tracer
}
