import type { Region } from './region.ts'

/**
 * Regions that are off for an account until it opts in: those that AWS opened after March 20, 2019 (AWS Account
 * Management Reference Guide, "Enable or disable AWS Regions in your account").
 */
const OPT_IN_REGIONS: ReadonlySet<Region> = new Set([
  'af-south-1',
  'ap-east-1',
  'ap-east-2',
  'ap-south-2',
  'ap-southeast-3',
  'ap-southeast-4',
  'ap-southeast-5',
  'ap-southeast-6',
  'ap-southeast-7',
  'ca-west-1',
  'eu-central-2',
  'eu-south-1',
  'eu-south-2',
  'il-central-1',
  'me-central-1',
  'me-south-1',
  'mx-central-1',
])

/** Says whether a Region is off for an account until it opts in. */
export function isOptInRegion(region: Region): boolean {
  return OPT_IN_REGIONS.has(region)
}

/** Whether a Region can be used by an account, and whether that can change. */
export type RegionOptStatus = 'ENABLED' | 'DISABLED' | 'ENABLED_BY_DEFAULT'

/** What a Region is to an account that has opted in to `enabled`. */
export function regionOptStatus(region: Region, enabled: readonly Region[]): RegionOptStatus {
  if (!isOptInRegion(region)) return 'ENABLED_BY_DEFAULT'
  return enabled.includes(region) ? 'ENABLED' : 'DISABLED'
}

/** Says whether an account that has opted in to `enabled` may use a Region. */
export function isRegionEnabled(region: Region, enabled: readonly Region[]): boolean {
  return regionOptStatus(region, enabled) !== 'DISABLED'
}
