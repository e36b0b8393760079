import { askRest, type Asking } from './client.ts'

/** The services of no Region are signed for in this one. */
const REGION = 'us-east-1'
const USABLE = ['ENABLED', 'ENABLED_BY_DEFAULT']

interface ListedRegions {
  readonly Regions: readonly { readonly RegionName: string }[]
}

/** The Regions that the account may use: there are fewer than one answer takes. @throws ApiError */
export async function listUsableRegions({ credentials }: Asking): Promise<readonly string[]> {
  const asking = { credentials, region: REGION }
  const input = { RegionOptStatusContains: USABLE }
  const { Regions } = await askRest<ListedRegions>(asking, 'account', '/listRegions', input)
  return Regions.map(({ RegionName }) => RegionName)
}
