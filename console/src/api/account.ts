import { readJson, type Asking } from './client.ts'
import { signedFetch } from './signed-fetch.ts'

/** The services of no Region are signed for in this one. */
const REGION = 'us-east-1'
const USABLE = ['ENABLED', 'ENABLED_BY_DEFAULT']

interface ListedRegions {
  readonly Regions: readonly { readonly RegionName: string }[]
}

/** The Regions that the account may use: there are fewer than one answer takes. @throws ApiError */
export async function listUsableRegions({ credentials }: Asking): Promise<readonly string[]> {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ RegionOptStatusContains: USABLE })
  const request = { credentials, region: REGION, service: 'account', path: '/listRegions', headers, body }
  const { Regions } = await readJson<ListedRegions>(await signedFetch(request))
  return Regions.map(({ RegionName }) => RegionName)
}
