/** A Region's code, such as `eu-west-1`. */
export type Region = string

/** The partition that holds every Region Keyspan serves. China and GovCloud are partitions of their own in AWS. */
export const PARTITION = 'aws'

/** Every commercial Region of AWS, in the order of AWS's own list of Regions. */
export const COMMERCIAL_REGIONS: readonly Region[] = [
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
  'af-south-1',
  'ap-east-1',
  'ap-east-2',
  'ap-south-1',
  'ap-south-2',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-southeast-3',
  'ap-southeast-4',
  'ap-southeast-5',
  'ap-southeast-6',
  'ap-southeast-7',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ca-central-1',
  'ca-west-1',
  'eu-central-1',
  'eu-central-2',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'eu-south-1',
  'eu-south-2',
  'eu-north-1',
  'il-central-1',
  'me-central-1',
  'me-south-1',
  'mx-central-1',
  'sa-east-1',
]

/** Where clients are led that name no Region, among those that a server serves. */
export function homeRegion(served: readonly Region[] | null): Region {
  return served?.[0] ?? 'us-east-1'
}

/** Regions of other partitions, by their prefix. A key never leaves its partition. */
const OTHER_PARTITIONS = ['cn-', 'us-gov-', 'us-iso', 'eu-isoe-', 'eusc-']

/** Says whether `region` is a commercial Region of AWS. */
export function isCommercialRegion(region: string): boolean {
  return COMMERCIAL_REGIONS.includes(region)
}

/** Says whether `region` belongs to a partition other than `aws`. */
export function isOtherPartition(region: string): boolean {
  return OTHER_PARTITIONS.some((prefix) => region.startsWith(prefix))
}
