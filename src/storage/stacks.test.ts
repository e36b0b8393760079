import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ENGINES, type TestStore } from '../../test/engines.ts'
import { opening } from '../../test/root-key.ts'
import { stackRecord } from '../../test/stack.ts'
import type { StackEvent } from '../domain/stack.ts'
import { openRegionStore } from './open-region-store.ts'
import type { RegionStore } from './store.ts'

const ACCOUNT = '111122223333'
const everything = { after: null, limit: 100 }

let place: TestStore
let store: RegionStore

const event = (id: string): StackEvent => ({
  id,
  at: 1,
  logicalId: 'L',
  physicalId: '',
  type: 'T',
  status: 'S',
  reason: null,
  properties: null,
  token: null,
})

describe.each(ENGINES)('In a store on $name', ({ newStore }) => {
  beforeEach(async () => {
    place = await newStore('us-east-1')
    store = await openRegionStore(place.where, 'us-east-1', opening)
  })
  afterEach(async () => {
    await store.close()
    await place[Symbol.asyncDispose]()
  })

  it('a name is that of one stack that is not deleted, and of any that are', async () => {
    const gone = stackRecord({ id: 'a', deletedAt: 5, status: 'DELETE_COMPLETE' })
    await store.transaction(async (writes) => {
      await writes.putStack(gone)
      await writes.putStack(stackRecord({ id: 'b' }))
    })
    const { reads } = store
    expect((await reads.stackNamed(ACCOUNT, 'stack'))?.id).toBe('b')
    expect(await reads.stack(ACCOUNT, 'a')).toEqual(gone)
    expect((await reads.stacks(ACCOUNT, false, everything)).map(({ id }) => id)).toEqual(['b'])
    expect((await reads.stacks(ACCOUNT, true, everything)).map(({ id }) => id)).toEqual(['a', 'b'])
    expect(await reads.countStacks(ACCOUNT)).toBe(1)
    await expect(store.transaction((writes) => writes.putStack(stackRecord({ id: 'c' })))).rejects.toThrow(/unique/i)
  })

  it('a commit tells of the stacks to which something is done', async () => {
    const busy: (readonly string[])[] = []
    store.onCommit((commit) => busy.push(commit.busy))
    await store.transaction((writes) => writes.putStack(stackRecord({ status: 'UPDATE_IN_PROGRESS' })))
    expect(await store.reads.busyStacks()).toEqual([{ account: ACCOUNT, id: 's' }])
    await store.transaction((writes) => writes.putStack(stackRecord({ status: 'REVIEW_IN_PROGRESS' })))
    expect(await store.reads.busyStacks()).toEqual([])
    expect(busy).toEqual([['s'], []])
  })

  it('the parts of a stack are listed by their ids, either way, and go with it', async () => {
    await store.transaction(async (writes) => {
      await writes.putStack(stackRecord({ deletedAt: 10, status: 'DELETE_COMPLETE' }))
      for (const id of ['1', '2', '3']) await writes.putStackPart('s', 'event', id, event(id))
      await writes.putStackPart('other', 'event', '1', event('other'))
    })
    const { reads } = store
    const idsOf = async (page: Parameters<typeof reads.stackParts>[2]) =>
      (await reads.stackParts('s', 'event', page)).map(({ id }) => id)
    expect(await idsOf(null)).toEqual(['1', '2', '3'])
    expect(await idsOf({ after: '1', limit: 1 })).toEqual(['2'])
    expect(await idsOf({ after: '3', limit: 5, descending: true })).toEqual(['2', '1'])
    expect((await reads.stackOfPart(ACCOUNT, 'event', '2'))?.id).toBe('s')
    expect(await reads.stackOfPart('999999999999', 'event', '2')).toBeNull()
    expect(await reads.hasStacksDeleted(10)).toBe(false)
    expect(await reads.hasStacksDeleted(11)).toBe(true)
    await store.transaction((writes) => writes.forgetStacks(11))
    expect(await reads.stack(ACCOUNT, 's')).toBeNull()
    expect(await idsOf(null)).toEqual([])
    expect(await reads.stackPart('other', 'event', '1')).not.toBeNull()
  })

  it('the links of a stack are put in place of those that it had', async () => {
    const link = { account: ACCOUNT, stackId: 's', stackName: 'stack', value: 'v' } as const
    const exported = (name: string) => ({ ...link, kind: 'export' as const, name })
    await store.transaction(async (writes) => {
      await writes.putStackLinks(ACCOUNT, 's', 'export', [exported('one'), exported('two')])
      await writes.putStackLinks(ACCOUNT, 't', 'import', [{ ...link, kind: 'import', name: 'one', stackId: 't' }])
    })
    const { reads } = store
    expect((await reads.exports(ACCOUNT, everything)).map(({ name }) => name)).toEqual(['one', 'two'])
    expect((await reads.importsOf(ACCOUNT, 'one')).map(({ stackId }) => stackId)).toEqual(['t'])
    await store.transaction((writes) => writes.putStackLinks(ACCOUNT, 's', 'export', [exported('three')]))
    expect((await reads.linksOf(ACCOUNT, 's', 'export')).map(({ name }) => name)).toEqual(['three'])
    expect(await reads.exportNamed(ACCOUNT, 'one')).toBeNull()
  })

  it('receipts are found by their names, and forgotten by how these begin', async () => {
    await store.transaction(async (writes) => {
      for (const name of ['a/1/0', 'a/2/0', 'b/1/0']) await writes.putReceipt(name, `answer ${name}`)
    })
    await expect(store.transaction((writes) => writes.putReceipt('a/1/0', 'again'))).rejects.toThrow(/unique/i)
    await store.transaction((writes) => writes.deleteReceipts('a/1/'))
    const found = await Promise.all(['a/1/0', 'a/2/0', 'b/1/0'].map((name) => store.reads.receipt(name)))
    expect(found).toEqual([null, 'answer a/2/0', 'answer b/1/0'])
  })

  it('what stacks hold cannot be read as it rests', async () => {
    const secret = 'a-secret-that-nobody-finds'
    await store.transaction(async (writes) => {
      await writes.putStack(stackRecord({ description: secret }))
      await writes.putStackPart('s', 'event', '1', { ...event('1'), reason: secret })
      const link = {
        account: ACCOUNT,
        stackId: 's',
        stackName: 'stack',
        kind: 'export',
        name: 'n',
        value: secret,
      } as const
      await writes.putStackLinks(ACCOUNT, 's', 'export', [link])
      await writes.putReceipt('r', secret)
    })
    expect(await place.bytes()).toContain(ACCOUNT)
    expect(await place.bytes()).not.toContain(secret)
  })
})
