import type { GlobalHost } from '../../kernel/global-host.ts'
import type { Regions } from '../regions/regions.ts'

/** What a seed is taken from. */
export interface ExportSources {
  readonly global: GlobalHost
  readonly regions: Regions
  /** Whether the secrets are taken as well: the materials of keys, and secret access keys. */
  readonly material: boolean
}
