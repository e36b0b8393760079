import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ENGINES, type TestStore } from '../../test/engines.ts'
import { keyRecord } from '../../test/key-record.ts'
import { opening } from '../../test/root-key.ts'
import { stackRecord } from '../../test/stack.ts'
import { PARTITION } from '../domain/region.ts'
import { checkStore } from './check-store.ts'
import { createRowSeal } from './row-seal.ts'
import { openGlobalStore } from './open-global-store.ts'
import { openRegionStore } from './open-region-store.ts'
import { STATE } from './state-digest.ts'
import type { RegionWrites } from './store.ts'

const REGION = 'us-east-1'
const ACCOUNT = '111122223333'

let place: TestStore

const open = () => openRegionStore(place.where, REGION, opening)
async function check(deployment = opening.deployment, region = REGION) {
  await using snapshot = await place.snapshot()
  return await checkStore(snapshot, opening.root, { deployment, partition: PARTITION, region })
}

async function change(work: (writes: RegionWrites) => Promise<void>): Promise<void> {
  const store = await open()
  await store.transaction(work)
  await store.close()
}

const useOf = (keyId: string, at: number) => ({
  account: ACCOUNT,
  keyId,
  operation: 'Encrypt',
  at,
  eventId: 'e',
  requestId: 'r',
})

async function alter(sql: string, ...values: readonly (string | Uint8Array)[]): Promise<void> {
  expect(await place.query(`${sql} returning 1 as done`, ...values)).toHaveLength(1)
}

/** Puts something into every table, replaces it, and takes a part of it away again. */
async function writeEverything(writes: RegionWrites): Promise<void> {
  const hash = Buffer.alloc(32)
  for (const [round, keyId] of ['a', 'b', 'a', 'b'].entries()) {
    const body = String(round)
    await writes.putMeta('name', body)
    await writes.putKey(keyRecord({ id: keyId, description: body }), false)
    await writes.putTombstone(ACCOUNT, keyId, { last: { epoch: round, counter: 1 }, outcome: null })
    const alias = { account: ACCOUNT, name: `alias/${keyId}`, targetKeyId: keyId, createdAt: 1, updatedAt: round }
    await writes.putAlias(alias)
    await writes.appendOutbox('eu-west-1', { seq: round + 1, account: ACCOUNT, keyId, body, hash }, 1)
    await writes.putCursor({ source: 'eu-west-1', incarnation: 'i', seq: round, hash })
    await writes.keepMessage({ source: 'eu-west-1', account: ACCOUNT, keyId, body, reason: 'r' })
    await writes.putPeer({ region: 'eu-west-1', publicKey: hash, incarnation: body })
    await writes.putLastUse(useOf(keyId, round))
    await writes.putStack(stackRecord({ id: keyId, name: keyId }))
    await writes.putStackPart(keyId, 'detection', 'd', {} as never)
    await writes.putReceipt(body, 'answer')
    const sealed = { domainKeyVersion: 1, recordVersion: round, salt: hash, iv: hash, ciphertext: hash }
    const material = { id: `m${keyId}`, account: ACCOUNT, keyId, generation: 1 }
    await writes.putMaterial({ ...material, ...sealed, tag: Buffer.from(body) })
  }
  await writes.putAbsentMaterial({ id: 'mb', account: ACCOUNT, keyId: 'b', generation: 1 })
  await writes.pruneOutbox('eu-west-1', 3, 2)
  await writes.deleteReceipts('1')
  await writes.deleteAlias(ACCOUNT, 'alias/b')
  await writes.deleteKey(ACCOUNT, 'a')
}

describe.each(ENGINES)('The digest of a store on $name', ({ newStore }) => {
  beforeEach(async () => {
    place = await newStore(REGION)
  })
  afterEach(() => place[Symbol.asyncDispose]())

  it('is that of its rows, whatever was written, replaced and deleted, and whatever failed', async () => {
    await change(writeEverything)
    expect((await check()).isWhole).toBe(true)
    const store = await open()
    const before = store.state()
    const failing = store.transaction(async (writes) => {
      await writes.deleteKey(ACCOUNT, 'b')
      await writes.putMeta('name', 'other')
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(store.state()).toEqual(before)
    await Promise.all(Array.from({ length: 5 }, (_, at) => store.putMarks(new Map([[`mark-${at}`, 'x']]))))
    expect(store.state()).toMatchObject({ begun: before.begun, writes: before.writes + 5 })
    // The server may be running.
    const report = await check()
    expect(report).toMatchObject({ isWhole: true, damaged: [], state: store.state() })
    await store.close()
  })

  it('is told of what is on disk alone, which is all there is once a change is synced', async () => {
    const store = await open()
    await store.transaction((writes) => writes.putKey(keyRecord({ id: 'k' }), false))
    const before = { state: store.state(), changes: store.changes() }
    for (let at = 1; at <= 3; at += 1) await store.transaction((writes) => writes.putLastUse(useOf('k', at)), false)
    expect(await store.reads.lastUse(ACCOUNT, 'k')).toMatchObject({ at: 3 })
    expect({ state: store.state(), changes: store.changes() }).toEqual(before)
    const failing = () => store.transaction(() => Promise.reject(new Error('no')))
    await Promise.allSettled([failing(), failing()])
    expect(store.state()).toEqual(before.state)
    await store.putMarks(new Map([['mark', 'x']]))
    expect(store.changes()).toBe(before.changes + 3)
    expect(await check()).toMatchObject({ isWhole: true, state: store.state() })
    await store.close()
  })

  it('is that of its rows, though some of many changes at once fail', async () => {
    const store = await open()
    const before = store.changes()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, (_, n) =>
        store.transaction(async (writes) => {
          await writes.putMeta(`n${n}`, 'x')
          if (n % 7 === 3) throw new Error(`not ${n}`)
        }),
      ),
    )
    const failed = outcomes.flatMap(({ status }, n) => (status === 'rejected' ? [n] : []))
    expect(failed).toEqual([3, 10, 17, 24, 31, 38])
    expect(store.changes()).toBe(before + 34)
    for (const n of outcomes.keys()) expect(await store.reads.meta(`n${n}`)).toBe(failed.includes(n) ? null : 'x')
    expect(await check()).toMatchObject({ isWhole: true, damaged: [], state: store.state() })
    await store.close()
  })

  it('is that of the global store as well', async () => {
    await using global = await newStore('global')
    const store = await openGlobalStore(global.where, { ...opening, mayBegin: () => true })
    const key = { id: 'k', account: ACCOUNT, owner: null, secret: 's', content: {}, createdAt: 1, expiresAt: 5 }
    await store.transaction(async (writes) => {
      await writes.putAccessKey(key)
      await writes.putAccessKey({ ...key, id: 'l', expiresAt: null })
      await writes.deleteExpiredAccessKeys(9)
    })
    await using snapshot = await global.snapshot()
    const of = { deployment: store.deployment, partition: PARTITION, region: 'global' }
    expect(await checkStore(snapshot, opening.root, of)).toMatchObject({ isWhole: true, state: store.state() })
    await store.close()
  })

  it('tells of a row that was deleted', async () => {
    await change(writeEverything)
    await alter("delete from tombstone where key_id = 'a'")
    expect(await check()).toMatchObject({ isWhole: false, damaged: [] })
  })

  it('tells of a row that was put back as it once was', async () => {
    await change((writes) => writes.putKey(keyRecord({ id: 'k', description: 'old' }), false))
    const [old] = await place.query("select record, mac from key where id = 'k'")
    await change((writes) => writes.putKey(keyRecord({ id: 'k', description: 'new' }), false))
    await alter(
      "update key set record = ?, mac = ? where id = 'k'",
      old?.['record'] as string,
      old?.['mac'] as Uint8Array,
    )
    expect(await check()).toMatchObject({ isWhole: false, damaged: [] })
    // Nor does the next change cover it.
    await change((writes) => writes.putMeta('a', 'b'))
    expect((await check()).isWhole).toBe(false)
  })

  it('tells of a material that was put back', async () => {
    await change(writeEverything)
    await alter("update material set tag = ? where id = 'mb'", Buffer.from('3'))
    expect((await check()).isWhole).toBe(false)
  })

  it('is begun, once, in a store that has none, and has another name then', async () => {
    await change(writeEverything)
    const { domainKeys, state } = await check()
    const { mac } = createRowSeal(domainKeys, REGION).seal('meta', { name: STATE, value: '7' })
    await alter(`update meta set value = '7', mac = ? where name = '${STATE}'`, mac)
    const store = await open()
    const begun = store.state()
    expect(store.changes()).toBe(7)
    await store.close()
    expect(begun.begun).not.toBe(state?.begun)
    expect(await check()).toMatchObject({ isWhole: true, state: begun })
    const again = await open()
    expect(again.state()).toEqual(begun)
    await again.close()
  })
})
