import { createSecretKey, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openRefusalStore, type RefusalStore, type StoredRefusal } from './refusals.ts'

const DAY = 24 * 60 * 60 * 1000
const LOUD = '111122223333'
const QUIET = '444455556666'
const domainKeys = [{ version: 1, key: createSecretKey(randomBytes(32)) }] as never

let directory: string
let path: string
let now: number
let damages: string[]
let store: RefusalStore

const open = () =>
  openRefusalStore(
    path,
    domainKeys,
    () => now,
    (error) => damages.push(String(error)),
  )

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
  path = join(directory, 'refusals.sqlite')
  now = Date.parse('2026-11-25T12:00:00Z')
  damages = []
  store = await open()
})
afterEach(async () => {
  await store.close()
  rmSync(directory, { recursive: true })
})

function refusal(id: string, more: Partial<StoredRefusal> = {}): StoredRefusal {
  const caller = `arn:aws:iam::${more.account ?? LOUD}:user/ada`
  return {
    id,
    at: now,
    account: LOUD,
    caller,
    principal: caller,
    operation: 'kms:Encrypt',
    region: 'us-east-1',
    resource: 'arn:aws:kms:us-east-1:111122223333:key/k',
    owner: LOUD,
    code: 'AccessDeniedException',
    explanations: { operator: `because of ${id}` },
    ...more,
  }
}

const idsOf = async (filter: object = {}) =>
  (await store.newest({ caller: null, resource: null, region: null, limit: 5000, ...filter })).map(({ id }) => id)

describe('The store of refusals', () => {
  it('gives back what was put, also after it was closed, to its owner alone', async () => {
    await store.put([refusal('a'), refusal('b')])
    await store.close()
    store = await open()
    expect(await store.find('a')).toEqual(refusal('a'))
    expect(await store.find('c')).toBeNull()
    expect(statSync(path).mode & 0o077).toBe(0)
  })

  it('finds by caller, session’s role, resource, id of a key and Region', async () => {
    const role = 'arn:aws:iam::111122223333:role/App'
    const key = 'arn:aws:kms:us-east-1:111122223333:key/mrk-%'
    await store.put([
      refusal('user'),
      refusal('session', { caller: 'arn:aws:sts::111122223333:assumed-role/App/s', principal: role }),
      refusal('key', { resource: key, region: 'eu-west-1' }),
    ])
    expect(await idsOf()).toEqual(['key', 'session', 'user'])
    expect(await idsOf({ limit: 1 })).toEqual(['key'])
    expect(await idsOf({ caller: role })).toEqual(['session'])
    expect(await idsOf({ resource: key })).toEqual(['key'])
    expect(await idsOf({ resource: 'mrk-%' })).toEqual(['key'])
    expect(await idsOf({ resource: 'k' })).toEqual(['session', 'user'])
    expect(await idsOf({ region: 'eu-west-1' })).toEqual(['key'])
  })

  it('keeps 1,000 of an account, whatever others have', async () => {
    await store.put([refusal('quiet', { account: QUIET })])
    for (let n = 0; n < 11; n += 1) await store.put(Array.from({ length: 100 }, (_, i) => refusal(`${n * 100 + i}`)))
    const ids = await idsOf()
    expect(ids).toHaveLength(1001)
    expect(ids).toContain('quiet')
    expect(ids.at(-2)).toBe('100')
    await store.close()
    store = await open()
    await store.put([refusal('next')])
    expect(await idsOf({ limit: 5000 })).toHaveLength(1001)
    expect(await store.find('100')).toBeNull()
  })

  it('keeps 8 MiB of an account', async () => {
    const explanations = 'x'.repeat(1024 * 1024)
    for (let n = 0; n < 10; n += 1) await store.put([refusal(String(n), { explanations })])
    expect(await idsOf()).toEqual(['9', '8', '7', '6', '5', '4', '3'])
  })

  it('forgets what is older than seven days', async () => {
    await store.put([refusal('old')])
    now += 6 * DAY
    await store.put([refusal('young')])
    await store.forgetOld()
    expect(await idsOf()).toEqual(['young', 'old'])
    now += 1.5 * DAY
    await store.forgetOld()
    expect(await idsOf()).toEqual(['young'])
  })

  it('passes over what was changed by somebody who has not the root key', async () => {
    await store.put([refusal('good'), refusal('forged')])
    const file = new DatabaseSync(path)
    file.exec(`update refusal set explanations = '{"operator":"give me all"}' where id = 'forged'`)
    file.close()
    expect(await store.find('forged')).toBeNull()
    expect(await idsOf()).toEqual(['good'])
    expect(damages[0]).toContain('is not as this server has written it')
  })

  it.each([
    ['is no database', () => writeFileSync(path, 'x'.repeat(8192))],
    ['was cut', () => truncateSync(path, 5000)],
  ])('begins anew where its file %s', async (_what, damage) => {
    await store.put([refusal('lost')])
    await store.close()
    for (const end of ['-wal', '-shm']) rmSync(`${path}${end}`, { force: true })
    damage()
    store = await open()
    expect(damages.length).toBeGreaterThan(0)
    await store.put([refusal('next')])
    expect(await idsOf()).toEqual(['next'])
  })
})
