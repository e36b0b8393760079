import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ENGINES, type TestStore } from '../../../test/engines.ts'
import { migrateIn } from './migrate.ts'

let place: TestStore
let database: Kysely<unknown>

const makes = (...tables: readonly string[]): Migration => ({
  async up(of: Kysely<unknown>) {
    for (const table of tables) await of.schema.createTable(table).addColumn('id', 'integer').execute()
  },
})
const FIRST = { '0001-first': makes('one', 'two') }
const BOTH = { ...FIRST, '0002-second': makes('three') }

const open = (migrations: Readonly<Record<string, Migration>>) =>
  database.transaction().execute((transaction) => migrateIn(transaction, migrations, place.schema))

const tables = async () => (await place.tables()).filter((name) => !name.startsWith('kysely_'))

describe.each(ENGINES)('Migrations on $name', ({ dialect, newStore }) => {
  beforeEach(async () => {
    place = await newStore('global')
    database = await place.plain()
  })
  afterEach(async () => {
    await database.destroy()
    await place[Symbol.asyncDispose]()
  })

  it('run once each', async () => {
    await open(FIRST)
    await place.run('insert into one values (1)')
    await open(BOTH)
    await open(BOTH)
    expect(await tables()).toEqual(['one', 'three', 'two'])
  })

  it('leave nothing where one fails, of themselves or of what keeps account of them', async () => {
    await expect(open({ ...FIRST, '0002-second': makes('three', 'one') })).rejects.toThrow('already exists')
    expect(await tables()).toEqual([])
    await open(FIRST)
    await place.run('insert into one values (1)')
    await expect(open({ ...FIRST, '0002-second': makes('three', 'one') })).rejects.toThrow('already exists')
    expect(await tables()).toEqual(['one', 'two'])
    await open(BOTH)
  })

  // Only SQLite has seen migrations that were not in a transaction.
  const LEFT =
    dialect === 'sqlite' ? ['', 'create table kysely_migration (name text primary key, timestamp text not null);'] : []
  it.each(LEFT)('begin anew where a start has left half a schema and nothing in it', async (bookkeeping) => {
    await place.run(`${bookkeeping} create table one (id integer); create index one_id on one (id)`)
    await open(BOTH)
    expect(await tables()).toEqual(['one', 'three', 'two'])
  })

  it('touch no half of a schema in which something is kept', async () => {
    await place.run('create table one (id integer); insert into one values (1)')
    await expect(open(BOTH)).rejects.toThrow(/"one" already exists/)
    await place.run('delete from one where id = 1')
    expect(await tables()).toEqual(['one'])
  })
})
