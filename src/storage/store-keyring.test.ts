import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ENGINES, type TestStore } from '../../test/engines.ts'
import { keyRecord } from '../../test/key-record.ts'
import { opening } from '../../test/root-key.ts'
import { stackRecord } from '../../test/stack.ts'
import { generateMaterial, materialId, scopeArn } from '../crypto/material.ts'
import { newestOf, requireSecret, wrapSecret } from '../crypto/sealing/keyring.ts'
import { PARTITION } from '../domain/region.ts'
import { checkStore } from './check-store.ts'
import { openGlobalStore } from './open-global-store.ts'
import { openRegionStore } from './open-region-store.ts'
import { createRowSeal, RowError } from './row-seal.ts'
import { SECRET } from './secret-labels.ts'
import { openVault } from './vault.ts'

const REGION = 'us-east-1'
const { root, deployment } = opening
const going = new AbortController().signal

let place: TestStore

const key = keyRecord({ id: 'k' })
const { account } = key
const material = generateMaterial()
const scope = scopeArn({ partition: PARTITION, region: key.region, account, keyId: key.id })
const id = materialId(material, scope, key.spec)
const { privateKey: importKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

async function openRegion() {
  const store = await openRegionStore(place.where, REGION, opening)
  return { store, vault: await openVault(store, deployment) }
}

/** A Region with one of everything that is sealed in a way of its own. */
async function fill(): Promise<void> {
  const { store, vault } = await openRegion()
  await store.transaction(async (writes) => {
    await writes.putKey(key, false)
    await writes.putMaterial(vault.seal(key, id, 1, material))
    await writes.putAbsentMaterial({ id: 'absent', account, keyId: key.id, generation: 2 })
    const wrapped = vault.importTokens.wrapKey('j', importKey)
    await writes.putImportJob({ id: 'j', account, keyId: key.id, wrapped, expiresAt: 9 })
    await writes.putStack(stackRecord({ id: 's' }))
    await writes.putStackPart('s', 'detection', 'd', { a: 1 } as never)
    const link = { account, kind: 'export', name: 'n', stackId: 's', stackName: 'stack', value: 'v' } as const
    await writes.putStackLinks(account, 's', 'export', [link])
    await writes.putReceipt('r', 'answer')
    for (let each = 0; each < 450; each += 1) await writes.putMeta(`name ${each}`, 'value')
  })
  await store.close()
}

/** What is read of it again. */
async function readAll() {
  const { store, vault } = await openRegion()
  const [stored] = (await store.reads.materialsOf(account, key.id)).filter(({ ciphertext }) => ciphertext.length > 0)
  if (stored === undefined) throw new Error('There is a material.')
  const job = await store.reads.importJob('j')
  const read = {
    identity: vault.identity.id,
    material: vault.open(key, stored).equals(material),
    job: vault.importTokens.unwrapKey('j', job?.wrapped ?? '').privateKey.equals(importKey),
    stack: (await store.reads.stack(account, 's'))?.id,
    part: await store.reads.stackPart('s', 'detection', 'd'),
    receipt: await store.reads.receipt('r'),
    meta: await store.reads.meta('name 449'),
  }
  await store.close()
  return read
}

async function check() {
  await using snapshot = await place.snapshot()
  return await checkStore(snapshot, root, { deployment, partition: PARTITION, region: REGION })
}

/** Under which versions anything rests. */
async function versionsIn(...tables: readonly string[]): Promise<readonly number[]> {
  const rows = await Promise.all(tables.map((table) => place.query(`select distinct mac from "${table}"`)))
  const versions = rows.flat().map(({ mac }) => Buffer.from(mac as Uint8Array).readUInt32BE())
  const materials = await place.query('select domain_key_version as v from material where length(ciphertext) > 0')
  return [...new Set([...versions, ...materials.map(({ v }) => Number(v))])].toSorted((a, b) => a - b)
}

const TABLES = ['meta', 'key', 'identity', 'import_job', 'stack', 'stack_part', 'stack_link', 'receipt']

describe.each(ENGINES)('A store on $name whose domain key is rotated', ({ newStore }) => {
  beforeEach(async () => {
    place = await newStore(REGION)
  })
  afterEach(() => place[Symbol.asyncDispose]())

  it('rests under the new one, in all its parts, and says the same', async () => {
    await fill()
    const before = await readAll()
    const { store } = await openRegion()
    expect(await store.keyring.add(root, 2)).toBe(2)
    expect(store.keyring.isDue()).toBe(true)
    const { rows, isClean } = await store.keyring.renew(going)
    expect(rows).toBeGreaterThan(450)
    expect(isClean).toBe(true)
    await store.keyring.retire(root)
    expect(store.keyring.isDue()).toBe(false)
    await store.close()
    expect(await versionsIn(...TABLES)).toEqual([2])
    expect(await readAll()).toEqual(before)
    expect(await check()).toMatchObject({ isWhole: true, damaged: [] })
  })

  it('opens at every step between, and is gone on with by whoever opens it next', async () => {
    await fill()
    const before = await readAll()
    const { store } = await openRegion()
    await store.keyring.add(root, 2)
    const ending = new AbortController()
    const renewing = store.keyring.renew(ending.signal)
    ending.abort()
    expect((await renewing).isClean).toBe(false)
    await store.close()
    expect(await readAll()).toEqual(before)
    expect(await check()).toMatchObject({ isWhole: true, damaged: [] })
    const { store: next } = await openRegion()
    expect(next.keyring.isDue()).toBe(true)
    expect((await next.keyring.renew(going)).isClean).toBe(true)
    await next.close()
    expect(await versionsIn(...TABLES)).toEqual([2])
  })

  it('seals what is written meanwhile under the new one', async () => {
    await fill()
    const { store } = await openRegion()
    await store.keyring.add(root, 2)
    const renewing = store.keyring.renew(going)
    for (let each = 0; each < 50; each += 1) await store.transaction((writes) => writes.putMeta('new', String(each)))
    expect((await renewing).isClean).toBe(true)
    expect(await store.reads.meta('new')).toBe('49')
    await store.close()
    expect(await versionsIn(...TABLES)).toEqual([2])
  })

  it('believes no row by a key that is retired, and still opens what was handed out under it', async () => {
    await fill()
    const { store, vault } = await openRegion()
    const first = newestOf(store.domainKeys)
    const marker = vault.pageMarkers.seal({ operation: 'ListKeys', account }, 'k')
    await store.keyring.add(root, 2)
    await store.keyring.renew(going)
    await store.keyring.retire(root)
    await store.close()
    const { mac } = createRowSeal([first], REGION).seal('meta', { name: 'name 1', value: 'forged' })
    await place.query("update meta set value = 'forged', mac = ? where name = 'name 1'", mac)
    const again = await openRegion()
    await expect(again.store.reads.meta('name 1')).rejects.toThrow(RowError)
    expect(again.vault.pageMarkers.open({ operation: 'ListKeys', account }, marker)).toBe('k')
    await again.store.close()
  })

  it('keeps an older key in use as long as a row does not open, and names the row', async () => {
    await fill()
    await place.run("update meta set value = 'changed' where name = 'name 7'")
    const { store } = await openRegion()
    await store.keyring.add(root, 2)
    const { isClean, damaged } = await store.keyring.renew(going)
    expect(isClean).toBe(false)
    expect(damaged).toEqual([expect.stringContaining('name 7')])
    await store.close()
  })
})

describe.each(ENGINES)('The global store on $name', ({ newStore }) => {
  it('has its access keys under the new domain key', async () => {
    await using global = await newStore('global')
    const store = await openGlobalStore(global.where, opening)
    const secret = wrapSecret(newestOf(store.domainKeys), SECRET.accessKey, 'AKIA', Buffer.from('secret'))
    const accessKey = { id: 'AKIA', content: {}, account, owner: null, secret, createdAt: 1, expiresAt: null }
    await store.transaction((writes) => writes.putAccessKey(accessKey))
    await store.keyring.add(root, 2)
    expect((await store.keyring.renew(going)).isClean).toBe(true)
    const stored = await store.reads.accessKey('AKIA')
    const opened = requireSecret([newestOf(store.domainKeys)], SECRET.accessKey, 'AKIA', stored?.secret ?? '')
    expect(opened.toString()).toBe('secret')
    await store.close()
  })
})
