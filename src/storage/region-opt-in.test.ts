import { expect, it } from 'vitest'
import { ENGINES } from '../../test/engines.ts'
import { opening } from '../../test/root-key.ts'
import { openGlobalStore } from './open-global-store.ts'
import { isRegionEnabled } from '../domain/region-opt-in.ts'
import { enabledRegions, putEnabledRegions } from './region-opt-in.ts'

it.each(ENGINES)(
  'An opt-in Region is enabled for the accounts that have opted in, and others for all, on $name',
  async ({ newStore }) => {
    await using place = await newStore('global')
    const store = await openGlobalStore(place.where, opening)
    await store.transaction((writes) => putEnabledRegions(writes, '111122223333', ['eu-south-1']))
    const isEnabled = async (account: string, region: string) =>
      isRegionEnabled(region, await enabledRegions(store.reads, account))
    expect(await isEnabled('111122223333', 'eu-south-1')).toBe(true)
    expect(await isEnabled('111122223333', 'eu-south-2')).toBe(false)
    expect(await isEnabled('444455556666', 'eu-south-1')).toBe(false)
    expect(await isEnabled('444455556666', 'eu-west-1')).toBe(true)
    await store.close()
  },
)
