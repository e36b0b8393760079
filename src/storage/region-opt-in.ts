import type { Region } from '../domain/region.ts'
import type { GlobalReads, GlobalWrites } from './global-store.ts'

/** The opt-in Regions that an account has enabled. */
export async function enabledRegions(reads: GlobalReads, account: string): Promise<readonly Region[]> {
  return (await reads.document({ kind: 'region-opt-in', account, name: 'enabled' }))?.enabled ?? []
}

/** Notes the opt-in Regions that an account has enabled. */
export function putEnabledRegions(writes: GlobalWrites, account: string, enabled: readonly Region[]): Promise<void> {
  return writes.putDocument({ kind: 'region-opt-in', account, name: 'enabled' }, { enabled })
}
