import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ENGINES, type TestStore } from '../../../test/engines.ts'
import { opening } from '../../../test/root-key.ts'
import { keyRecord } from '../../../test/key-record.ts'
import { openRegionStore } from '../../storage/open-region-store.ts'
import type { RegionStore } from '../../storage/store.ts'
import { openLastUses } from './last-uses.ts'

const aKey = keyRecord()
const { account, id: keyId } = aKey

let place: TestStore
let store: RegionStore

const use = (at: number, id = keyId) => ({
  account,
  keyId: id,
  operation: 'Encrypt',
  at,
  eventId: `e${at}`,
  requestId: `r${at}`,
})
const known = (at: number) => ({ operation: 'Encrypt', at, eventId: `e${at}`, requestId: `r${at}` })

describe.each(ENGINES)('The last uses of keys on $name', ({ newStore }) => {
  beforeEach(async () => {
    place = await newStore('us-east-1')
    store = await openRegionStore(place.where, 'us-east-1', opening)
    await store.transaction((writes) => writes.putKey(aKey, false))
  })
  afterEach(async () => {
    await store.close()
    await place[Symbol.asyncDispose]()
  })

  it('are known at once, and to the next process once they are flushed', async () => {
    const uses = await openLastUses(store, 5)
    expect(await uses.lastUse(account, keyId)).toBeNull()
    uses.note(use(6))
    uses.note(use(7))
    expect(await uses.lastUse(account, keyId)).toMatchObject(known(7))
    expect(await store.reads.lastUse(account, keyId)).toBeNull()
    await uses.flush()
    expect(await uses.lastUse(account, keyId)).toEqual(known(7))
    uses.note(use(8))
    await uses.flush()
    const next = await openLastUses(store, 9)
    expect(await next.lastUse(account, keyId)).toEqual(known(8))
    expect(next.since).toBe(5)
  })

  it('are known while they are written, and a later one is not lost', async () => {
    const uses = await openLastUses(store, 0)
    uses.note(use(1))
    const flushed = uses.flush()
    await Promise.resolve()
    expect(await uses.lastUse(account, keyId)).toMatchObject(known(1))
    uses.note(use(2))
    await Promise.all([flushed, uses.flush()])
    expect(await store.reads.lastUse(account, keyId)).toEqual(known(2))
  })

  it('go to the latest one, in whichever order they come, of one process or several', async () => {
    const [one, other] = [await openLastUses(store, 0), await openLastUses(store, 0)]
    one.note(use(7))
    one.note(use(6))
    other.note(use(5))
    await one.flush()
    await other.flush()
    expect(await store.reads.lastUse(account, keyId)).toEqual(known(7))
    other.note(use(8))
    await other.flush()
    expect(await store.reads.lastUse(account, keyId)).toEqual(known(8))
  })

  it('are written by the next flush where one fails, and never over a later one', async () => {
    let isBroken = true
    const uses = await openLastUses(
      {
        ...store,
        transaction: (work) => (isBroken ? Promise.reject(new Error('disk full')) : store.transaction(work)),
        reads: { ...store.reads, meta: async () => '0' },
      },
      0,
    )
    const other = { ...aKey, id: 'f'.repeat(36) }
    await store.transaction((writes) => writes.putKey(other, false))
    uses.note(use(1))
    uses.note(use(1, other.id))
    const failed = uses.flush()
    await Promise.resolve()
    uses.note(use(2))
    await expect(failed).rejects.toThrow('disk full')
    expect(await uses.lastUse(account, other.id)).toMatchObject(known(1))
    isBroken = false
    await uses.flush()
    expect(await store.reads.lastUse(account, other.id)).toEqual(known(1))
    expect(await store.reads.lastUse(account, keyId)).toEqual(known(2))
  })

  it('go with their key, and do not come back after it', async () => {
    const uses = await openLastUses(store, 0)
    uses.note(use(1))
    await uses.flush()
    uses.note(use(2))
    await store.transaction((writes) => writes.deleteKey(account, keyId))
    expect(await store.reads.lastUse(account, keyId)).toBeNull()
    await uses.flush()
    expect(await store.reads.lastUse(account, keyId)).toBeNull()
  })

  it('of many keys are written some at a time, with turns for others between', async () => {
    const ids = Array.from({ length: 250 }, (_, index) => `key-${index}`)
    await store.transaction(async (writes) => {
      for (const id of ids) await writes.putKey(keyRecord({ id }), false)
    })
    const uses = await openLastUses(store, 0)
    for (const [index, id] of ids.entries()) uses.note(use(index + 1, id))
    const before = store.changes()
    let commits = 0
    const committed = new Promise<void>((resolve) =>
      store.onCommit(() => {
        commits += 1
        resolve()
      }),
    )
    const flushed = uses.flush()
    await committed
    expect(commits).toBe(1)
    // None of them is on disk before all of them are.
    expect(store.changes()).toBe(before)
    expect(await uses.lastUse(account, 'key-249')).toMatchObject({ at: 250 })
    await flushed
    expect(commits).toBe(5)
    expect(store.changes() - before).toBe(5)
    for (const id of ['key-0', 'key-249']) expect(await store.reads.lastUse(account, id)).not.toBeNull()
  })
})
