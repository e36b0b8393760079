import { isCommercialRegion, type Region } from '../../domain/region.ts'
import { regionOptStatus } from '../../domain/region-opt-in.ts'
import type { GlobalWrites } from '../../storage/global-store.ts'
import { enabledRegions, putEnabledRegions } from '../../storage/region-opt-in.ts'
import { errors } from './errors.ts'

/**
 * Accepts the name of a Region.
 *
 * @throws ValidationException
 */
export function requireRegion(name: string): Region {
  if (isCommercialRegion(name)) return name
  throw errors.ValidationException(`${name} is no Region of AWS's commercial partition.`, {
    reason: 'invalidRegionOptTarget',
  })
}

/**
 * Switches an opt-in Region on or off for an account. It happens at once; AWS takes minutes.
 *
 * @throws ValidationException where it is so already, or on for everybody
 */
export async function switchRegion(
  writes: GlobalWrites,
  account: string,
  region: Region,
  status: 'ENABLED' | 'DISABLED',
): Promise<void> {
  const enabled = await enabledRegions(writes, account)
  const current = regionOptStatus(region, enabled)
  if (current === status || current === 'ENABLED_BY_DEFAULT') {
    throw errors.ValidationException('Unable to switch region status because of its current opt-in status.', {
      reason: 'invalidRegionOptTarget',
    })
  }
  const others = enabled.filter((each) => each !== region)
  const next = status === 'ENABLED' ? [...others, region] : others
  await putEnabledRegions(writes, account, next)
}
