import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ENGINES, type TestStore } from '../../../test/engines.ts'
import { opening } from '../../../test/root-key.ts'
import type { Grant } from '../../domain/grant.ts'
import { openRegionStore } from '../open-region-store.ts'
import type { RegionStore } from '../store.ts'
import { migrateIn } from './migrate.ts'
import { REGION_MIGRATIONS, type RegionSchema } from './region-schema.ts'

const ACCOUNT = '111122223333'

let place: TestStore
let store: RegionStore

const named = (id: string) => ({ arn: `arn:${id}`, kind: 'user', id }) as const

function grantOf(id: string, change: Partial<Grant> = {}): Grant {
  return {
    id,
    account: ACCOUNT,
    keyId: 'k',
    grantee: named('g'),
    retiring: null,
    operations: ['Encrypt'],
    constraints: { type: 'EncryptionContextEquals', pairs: { a: '1' } },
    name: null,
    createdAt: 1,
    issuingAccount: ACCOUNT,
    ...change,
  }
}

const put = (...grants: readonly Grant[]) =>
  store.transaction(async (writes) => {
    for (const grant of grants) await writes.putGrant(grant)
  })
const ids = (grants: readonly Grant[]) => grants.map(({ id }) => id)
const all = { id: null, grantee: null }

describe.each(ENGINES)('The grants of a Region on $name', ({ newStore }) => {
  beforeEach(async () => {
    place = await newStore('us-east-1')
    store = await openRegionStore(place.where, 'us-east-1', opening)
  })
  afterEach(async () => {
    await store.close()
    await place[Symbol.asyncDispose]()
  })

  it('come out as they went in', async () => {
    const grant = grantOf('a', { retiring: named('r'), name: 'n' })
    await put(grant)
    expect(await store.reads.grant(ACCOUNT, 'k', 'a')).toEqual(grant)
    expect(await store.reads.grant(ACCOUNT, 'other', 'a')).toBeNull()
    expect(await store.reads.grant('444455556666', 'k', 'a')).toBeNull()
  })

  it('are found by key, id, grantee, name and retiring principal', async () => {
    await put(
      grantOf('c', { name: 'n' }),
      grantOf('a', { retiring: named('r') }),
      grantOf('b', { grantee: named('h'), name: 'n' }),
      grantOf('d', { keyId: 'other', retiring: named('r') }),
    )
    const { reads } = store
    const page = { after: null, limit: 10 }
    expect(ids(await reads.grants(ACCOUNT, 'k', all, page))).toEqual(['a', 'b', 'c'])
    expect(ids(await reads.grants(ACCOUNT, 'k', all, { after: 'a', limit: 1 }))).toEqual(['b'])
    expect(ids(await reads.grants(ACCOUNT, 'k', { ...all, grantee: 'g' }, page))).toEqual(['a', 'c'])
    expect(ids(await reads.grants(ACCOUNT, 'k', { id: 'b', grantee: 'g' }, page))).toEqual([])
    expect(ids(await reads.grantsTo(ACCOUNT, 'k', ['h', 'x']))).toEqual(['b'])
    expect(ids(await reads.grantsNamed(ACCOUNT, 'k', 'g', 'n'))).toEqual(['c'])
    expect(ids(await reads.retirableGrants('r', page))).toEqual(['a', 'd'])
    expect(ids(await reads.retirableGrants('r', { after: 'a', limit: 10 }))).toEqual(['d'])
    expect(await reads.countGrants(ACCOUNT, 'k')).toBe(3)
  })

  it('tell of their key when they change', async () => {
    const touched: unknown[] = []
    store.onCommit((commit) => touched.push(...commit.touched))
    await put(grantOf('a'))
    await store.transaction((writes) => writes.deleteGrant(grantOf('a')))
    expect(touched).toEqual([
      { account: ACCOUNT, keyId: 'k' },
      { account: ACCOUNT, keyId: 'k' },
    ])
    expect(await store.reads.countGrants(ACCOUNT, 'k')).toBe(0)
  })

  it('go with their key, and no others do', async () => {
    await put(grantOf('a'), grantOf('b', { keyId: 'other' }))
    await store.transaction((writes) => writes.deleteKey(ACCOUNT, 'k'))
    expect(await store.reads.countGrants(ACCOUNT, 'k')).toBe(0)
    expect(await store.reads.countGrants(ACCOUNT, 'other')).toBe(1)
  })

  it('are found among however many there are', async () => {
    await put(...Array.from({ length: 500 }, (_, index) => grantOf(`${index}`, { grantee: named(`g${index}`) })))
    expect(ids(await store.reads.grantsTo(ACCOUNT, 'k', ['g42']))).toEqual(['42'])
  })

  it('get their table in a store that was made before there were any', async () => {
    await using older = await newStore('us-east-1')
    const database = await older.plain<RegionSchema>()
    const [first] = Object.entries(REGION_MIGRATIONS)
    const before = Object.fromEntries(first === undefined ? [] : [first])
    await database.transaction().execute((transaction) => migrateIn(transaction, before, older.schema))
    await database.destroy()
    const opened = await openRegionStore(older.where, 'us-east-1', opening)
    await opened.transaction((writes) => writes.putGrant(grantOf('a')))
    expect(await opened.reads.countGrants(ACCOUNT, 'k')).toBe(1)
    await opened.close()
  })
})
