import { COMMERCIAL_REGIONS, type Region } from './region.ts'

/**
 * Regions that are off for an account until it opts in: those that AWS opened after March 20, 2019 (AWS Account
 * Management Reference Guide, "Enable or disable AWS Regions in your account").
 */
export const OPT_IN_REGIONS: readonly Region[] = COMMERCIAL_REGIONS.filter((region) =>
  [
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
  ].includes(region),
)

/** Whether a Region can be used by an account, and whether that can change. */
export type RegionOptStatus = 'ENABLED' | 'DISABLED' | 'ENABLED_BY_DEFAULT'

/** What a Region is to an account that has opted in to `enabled`. */
export function regionOptStatus(region: Region, enabled: readonly Region[]): RegionOptStatus {
  if (!OPT_IN_REGIONS.includes(region)) return 'ENABLED_BY_DEFAULT'
  return enabled.includes(region) ? 'ENABLED' : 'DISABLED'
}
