import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql, type Kysely } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ENGINES } from '../../../test/engines.ts'
import { createGroupCommit } from './group-commit.ts'
import { openSqlite } from '../sqlite.ts'

interface Schema {
  row: { name: string; value: Buffer }
}

let directory: string
let file: ReturnType<typeof openSqlite<Schema>>
let commits: number
/** Of each commit, whether it was synced. */
let synced: boolean[]
let commit: ReturnType<typeof createGroupCommit<Schema>>

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keyspan-'))
  file = openSqlite<Schema>(join(directory, 'd.sqlite'))
  await sql`create table row (name text primary key, value blob)`.execute(file.writer)
  commits = 0
  synced = []
  const committed = (isSynced: boolean): void => {
    commits += 1
    synced.push(isSynced)
  }
  const around = { begin() {}, eachBegins: () => () => {}, end: async () => {}, committed }
  commit = createGroupCommit(file, around)
})
afterEach(async () => {
  await file.close()
  await rm(directory, { recursive: true })
})

const put = (database: Kysely<Schema>, name: string, bytes = 1) =>
  database
    .insertInto('row')
    .values({ name, value: Buffer.alloc(bytes) })
    .execute()
const names = async () =>
  (
    await file.reader
      .selectFrom('row')
      .select('name')
      .orderBy(sql`rowid`)
      .execute()
  ).map(({ name }) => name)

describe('Changes that wait together', () => {
  it('are committed together, in the order in which they came, and others have their turn meanwhile', async () => {
    let turns = 0
    const next = () => (turns += 1) < 1000 && setImmediate(next)
    setImmediate(next)
    const changes = Array.from({ length: 200 }, (_, n) =>
      commit(async (database) => {
        await put(database, `n${n}`)
        return n
      }),
    )
    expect(await Promise.all(changes)).toEqual([...changes.keys()])
    expect(await names()).toEqual([...changes.keys()].map((n) => `n${n}`))
    expect(commits).toBeLessThan(changes.length)
    expect(turns).toBeGreaterThanOrEqual(200 / 64 - 1)
  })

  it('are synced where one of them has to be', async () => {
    const putOne = (isSynced?: boolean) => commit((database) => put(database, `n${(made += 1)}`), isSynced)
    const fail = () => commit(() => Promise.reject(new Error('no')))
    let made = 0
    await putOne(false)
    await putOne()
    expect(synced).toEqual([false, true])
    // The first of them waits for nobody.
    await Promise.all([putOne(false), putOne(false), putOne(), putOne(false)])
    expect(synced.slice(2)).toEqual([false, true])
    await Promise.all([putOne(false), putOne(false), putOne(false)])
    expect(synced.slice(4)).toEqual([false, false])
    // Where all that had to be have failed, nothing was written.
    await Promise.allSettled([putOne(false), fail(), fail()])
    expect(synced.slice(6)).toEqual([false])
  })

  it('fail alone', async () => {
    const changes = Array.from('abcdefgh').map((name, n) =>
      commit(async (database) => {
        await put(database, name)
        if (n % 3 === 0) throw new Error(`not ${name}`)
      }),
    )
    const outcomes = await Promise.allSettled(changes)
    expect(outcomes.map((outcome) => (outcome.status === 'rejected' ? String(outcome.reason) : ''))).toEqual([
      'Error: not a',
      '',
      '',
      'Error: not d',
      '',
      '',
      'Error: not g',
      '',
    ])
    expect(await names()).toEqual(['b', 'c', 'e', 'f', 'h'])
  })

  it('are there where they were answered, and nowhere else, on a disk that fills up', async () => {
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(file.writer)
    await sql.raw(`pragma max_page_count = ${(rows[0]?.page_count ?? 0) + 40}`).execute(file.writer)
    const changes = Array.from({ length: 100 }, (_, n) => commit((database) => put(database, `n${n}`, 10_000)))
    const outcomes = await Promise.allSettled(changes)
    const kept = outcomes.flatMap(({ status }, n) => (status === 'fulfilled' ? [`n${n}`] : []))
    expect(kept.length).toBeLessThan(changes.length)
    expect(await names()).toEqual(kept)
    const refused = outcomes.find((outcome) => outcome.status === 'rejected')
    expect(refused?.reason).toMatchObject({ message: expect.stringContaining('full') })
    await sql.raw('pragma max_page_count = 100000').execute(file.writer)
    await commit((database) => put(database, 'again'))
    expect(await names()).toEqual([...kept, 'again'])
  })
})

describe.each(ENGINES)('Changes on $name that take a while', ({ dialect, newStore }) => {
  it('share a transaction as long as nobody else waits for it', async () => {
    await using place = await newStore('us-east-1')
    const database = await place.plain<Schema>()
    let count = 0
    const around = { begin() {}, eachBegins: () => () => {}, end: async () => {}, committed: () => void (count += 1) }
    const make = createGroupCommit({ writer: database, unsynced: database }, around)
    await Promise.all(Array.from({ length: 5 }, () => make(() => sleep(8))))
    expect(count).toBe(dialect === 'sqlite' ? 5 : 2)
    await database.destroy()
  })
})
