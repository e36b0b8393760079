import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { opening } from '../../test/root-key.ts'
import { openGlobalStore } from './open-global-store.ts'
import { isRegionEnabled } from '../domain/region-opt-in.ts'
import { enabledRegions, putEnabledRegions } from './region-opt-in.ts'

it('An opt-in Region is enabled for the accounts that have opted in, and others for all', async () => {
  const path = await mkdtemp(join(tmpdir(), 'keyspan-'))
  const store = await openGlobalStore(join(path, 'global.db'), opening)
  await store.transaction((writes) => putEnabledRegions(writes, '111122223333', ['eu-south-1']))
  const isEnabled = async (account: string, region: string) =>
    isRegionEnabled(region, await enabledRegions(store.reads, account))
  expect(await isEnabled('111122223333', 'eu-south-1')).toBe(true)
  expect(await isEnabled('111122223333', 'eu-south-2')).toBe(false)
  expect(await isEnabled('444455556666', 'eu-south-1')).toBe(false)
  expect(await isEnabled('444455556666', 'eu-west-1')).toBe(true)
  await store.close()
  await rm(path, { recursive: true })
})
