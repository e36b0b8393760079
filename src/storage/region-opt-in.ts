import { regionOptStatus } from '../domain/region-opt-in.ts'
import type { Region } from '../domain/region.ts'
import type { GlobalReads } from './global-store.ts'

/** The opt-in Regions that an account has enabled. */
export async function enabledRegions(reads: GlobalReads, account: string): Promise<readonly Region[]> {
  return (await reads.document({ kind: 'region-opt-in', account, name: 'enabled' }))?.enabled ?? []
}

/** Says whether an account may use a Region: one that is on by default, or to which it has opted in. */
export async function isRegionEnabled(reads: GlobalReads, account: string, region: Region): Promise<boolean> {
  return regionOptStatus(region, await enabledRegions(reads, account)) !== 'DISABLED'
}
