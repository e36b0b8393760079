import { statSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ENGINES, type TestStore } from '../../test/engines.ts'
import { opening } from '../../test/root-key.ts'
import { keyRecord } from '../../test/key-record.ts'
import type { KeyRecord } from '../domain/key.ts'
import { openRegionStore } from './open-region-store.ts'
import type { RegionStore, StoredMaterial } from './store.ts'

let place: TestStore
let store: RegionStore

const ACCOUNT = '111122223333'

const keyOf = (id: string, change: Partial<KeyRecord> = {}) => keyRecord({ ...change, id })

function materialOf(keyId: string): StoredMaterial {
  const [salt, iv, ciphertext, tag] = ['s', 'i', 'c', 't'].map((each) => Buffer.from(each)) as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ]
  return {
    id: 'm',
    account: ACCOUNT,
    keyId,
    generation: 1,
    domainKeyVersion: 1,
    recordVersion: 1,
    salt,
    iv,
    ciphertext,
    tag,
  }
}

const put = (...keys: readonly KeyRecord[]) =>
  store.transaction(async (writes) => {
    for (const key of keys) await writes.putKey(key, false)
  })

describe.each(ENGINES)('A Region’s store on $name', ({ newStore }) => {
  beforeEach(async () => {
    place = await newStore('us-east-1')
    store = await openRegionStore(place.where, 'us-east-1', opening)
  })
  afterEach(async () => {
    await store.close()
    await place[Symbol.asyncDispose]()
  })

  it('keeps a key over a restart, and a file is its owner’s alone', async () => {
    const key = keyOf('a', { tags: [{ key: 'team', value: 'payments' }] })
    await put(key)
    await store.close()
    store = await openRegionStore(place.where, 'us-east-1', opening)
    expect(await store.reads.key(ACCOUNT, 'a')).toEqual(key)
    if (typeof place.where === 'string') expect(statSync(place.where).mode & 0o077).toBe(0)
  })

  it('does all of a transaction, or nothing', async () => {
    const failing = store.transaction(async (writes) => {
      await writes.putKey(keyOf('a'), false)
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await store.reads.key(ACCOUNT, 'a')).toBeNull()
    await put(keyOf('b'))
    expect(await store.reads.countKeys(ACCOUNT)).toBe(1)
  })

  it('runs one transaction after the other', async () => {
    await put(keyOf('a', { onDemandRotations: 0 }))
    const increment = () =>
      store.transaction(async (writes) => {
        const key = await writes.key(ACCOUNT, 'a')
        await new Promise((resolve) => setImmediate(resolve))
        await writes.putKey({ ...keyOf('a'), onDemandRotations: (key?.onDemandRotations ?? 0) + 1 }, false)
      })
    await Promise.all(Array.from({ length: 20 }, increment))
    expect((await store.reads.key(ACCOUNT, 'a'))?.onDemandRotations).toBe(20)
  })

  it('shows nobody what is not committed', async () => {
    const inside = Promise.withResolvers<void>()
    const seen = Promise.withResolvers<void>()
    const writing = store.transaction(async (writes) => {
      await writes.putKey(keyOf('a'), false)
      inside.resolve()
      await seen.promise
    })
    await inside.promise
    expect(await store.reads.key(ACCOUNT, 'a')).toBeNull()
    seen.resolve()
    await writing
    expect(await store.reads.key(ACCOUNT, 'a')).not.toBeNull()
  })

  it('lists in pages, one account at a time', async () => {
    await put(...['c', 'a', 'b'].map((id) => keyOf(id)), keyOf('x', { account: '444455556666' }))
    const idsOf = async (after: string | null) =>
      (await store.reads.keys(ACCOUNT, { after, limit: 2 })).map((key) => key.id)
    expect(await idsOf(null)).toEqual(['a', 'b'])
    expect(await idsOf('b')).toEqual(['c'])
  })

  it('finds what is due, and leaves out what cannot be done yet', async () => {
    const rotation = { periodDays: 90, nextAt: 10 }
    await put(
      keyOf('deleted', { deletion: { windowDays: 7, at: 5 } }),
      keyOf('waiting', { deletion: { windowDays: 7, at: null } }),
      keyOf('rotates', { rotation }),
      keyOf('disabled', { rotation, enabled: false }),
      keyOf('later', { rotation: { ...rotation, nextAt: 11 } }),
    )
    const due = await store.reads.dueKeys(10, { after: null, limit: 100 })
    expect(due.map((key) => key.keyId)).toEqual(['deleted', 'rotates'])
  })

  it('reads materials that keep nothing in memory but themselves', async () => {
    await put(keyOf('a'))
    await store.transaction((writes) => writes.putMaterial(materialOf('a')))
    const [found] = await store.reads.materialsOf(ACCOUNT, 'a')
    expect(found).toEqual(materialOf('a'))
    expect(found?.salt.buffer.byteLength).toBe(4)
  })

  it('deletes a key with everything that is its own', async () => {
    const alias = { account: ACCOUNT, name: 'alias/a', targetKeyId: 'a', createdAt: 1, updatedAt: 1 }
    await put(keyOf('a'))
    await store.transaction(async (writes) => {
      await writes.putAlias(alias)
      await writes.putMaterial(materialOf('a'))
    })
    await store.transaction((writes) => writes.deleteKey(ACCOUNT, 'a'))
    expect(await store.reads.alias(ACCOUNT, 'alias/a')).toBeNull()
    expect(await store.reads.keyOfMaterial('m')).toBeNull()
  })

  it('tells after each commit which keys have changed and to whom something was said', async () => {
    const commits: unknown[] = []
    store.onCommit((commit) => commits.push(commit))
    await store.transaction(async (writes) => {
      await writes.putKey(keyOf('a'), true)
      const entry = { seq: 1, account: ACCOUNT, keyId: 'a', body: '{}', hash: Buffer.from('h') }
      await writes.appendOutbox('eu-west-1', entry, 1)
    })
    expect(commits).toEqual([{ touched: [{ account: ACCOUNT, keyId: 'a' }], said: ['eu-west-1'], busy: [] }])
    expect(await store.reads.unsettledKeys({ after: null, limit: 10 })).toEqual([{ account: ACCOUNT, keyId: 'a' }])
  })

  it('forgets what others have long followed, but never the end of a stream', async () => {
    await store.transaction(async (writes) => {
      for (const seq of [1, 2, 3]) {
        await writes.appendOutbox(
          'eu-west-1',
          { seq, account: ACCOUNT, keyId: 'a', body: '{}', hash: Buffer.of(seq) },
          seq,
        )
      }
      await writes.pruneOutbox('eu-west-1', 3, 100)
    })
    expect((await store.reads.outbox('eu-west-1', 0, 10)).map((entry) => entry.seq)).toEqual([3])
    expect((await store.reads.outboxHead('eu-west-1'))?.seq).toBe(3)
  })
})
