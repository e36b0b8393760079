import type { Region } from '../../domain/region.ts'
import type { Touched } from '../../storage/store.ts'

/** What has changed: keys of a Region, what belongs to none, or everything. */
export type News =
  | { readonly place: Region; readonly touched: readonly Touched[] }
  | { readonly place: 'global' }
  /** The lease is over: whoever hears it begins anew. */
  | { readonly place: 'all' }
