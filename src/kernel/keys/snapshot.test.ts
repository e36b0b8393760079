import { afterEach, beforeEach, expect, it } from 'vitest'
import { ENGINES, type TestStore } from '../../../test/engines.ts'
import { keyRecord } from '../../../test/key-record.ts'
import { opening } from '../../../test/root-key.ts'
import { generateMaterial, materialId } from '../../crypto/material.ts'
import { openRegionStore } from '../../storage/open-region-store.ts'
import type { RegionStore } from '../../storage/store.ts'
import { openVault, scopeOf } from '../../storage/vault.ts'
import { compileStoredPolicy } from './policy.ts'
import { readSnapshot } from './snapshot.ts'

let place: TestStore
let store: RegionStore
beforeEach(async () => {
  place = await (ENGINES[0] as (typeof ENGINES)[number]).newStore('us-east-1')
  store = await openRegionStore(place.where, 'us-east-1', opening)
})
afterEach(async () => {
  await store.close()
  await place[Symbol.asyncDispose]()
})

it('A snapshot weighs more by each material that is opened, once, and says so', async () => {
  const vault = await openVault(store, opening.deployment)
  const key = keyRecord()
  const ids = [generateMaterial(), generateMaterial()].map((material, at) => {
    const id = materialId(material, scopeOf(key), key.spec)
    return { id, stored: vault.seal(key, id, at + 1, material) }
  })
  await store.transaction(async (writes) => {
    await writes.putKey(key, false)
    for (const { stored } of ids) await writes.putMaterial(stored)
  })
  const grown: number[] = []
  const snapshot = await readSnapshot(store.reads, vault, key.account, key.id, {
    policyOf: ({ policy, principals }) => compileStoredPolicy(policy, principals),
    unheard: () => [],
    onGrow: (which, by) => void grown.push(which === snapshot ? by : 0),
  })
  const before = snapshot?.bytes ?? 0
  for (const { id } of [...ids, ...ids]) expect(snapshot?.sealer(id)).not.toBeNull()
  expect(snapshot?.sealer('f'.repeat(64))).toBeNull()
  expect(grown).toHaveLength(2)
  expect(Math.min(...grown)).toBeGreaterThan(0)
  expect(snapshot?.bytes).toBe(before + grown.reduce((sum, by) => sum + by, 0))
})
