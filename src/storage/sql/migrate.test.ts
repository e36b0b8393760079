import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSqlite } from '../sqlite.ts'
import { migrate } from './migrate.ts'

let directory: string
let path: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
  path = join(directory, 'test.sqlite')
})
afterEach(() => rmSync(directory, { recursive: true }))

const makes = (...tables: readonly string[]): Migration => ({
  async up(database: Kysely<unknown>) {
    for (const table of tables) await database.schema.createTable(table).addColumn('id', 'integer').execute()
  },
})
const FIRST = { '0001-first': makes('one', 'two') }
const BOTH = { ...FIRST, '0002-second': makes('three') }

async function open(migrations: Readonly<Record<string, Migration>>): Promise<void> {
  const file = openSqlite<unknown>(path)
  try {
    await migrate(file.writer, migrations)
  } finally {
    await file.close()
  }
}

function run(text: string): void {
  using database = new DatabaseSync(path)
  database.exec(text)
}

function tables(): readonly string[] {
  using database = new DatabaseSync(path)
  const rows = database.prepare("select name from sqlite_master where type = 'table' order by name").all()
  return rows.map(({ name }) => String(name)).filter((name) => !name.startsWith('kysely_'))
}

describe('Migrations', () => {
  it('run once each', async () => {
    await open(FIRST)
    run('insert into one values (1)')
    await open(BOTH)
    await open(BOTH)
    expect(tables()).toEqual(['one', 'three', 'two'])
  })

  it('leave nothing where one fails, of themselves or of what keeps account of them', async () => {
    await expect(open({ ...FIRST, '0002-second': makes('three', 'one') })).rejects.toThrow('already exists')
    expect(tables()).toEqual([])
    await open(FIRST)
    run('insert into one values (1)')
    await expect(open({ ...FIRST, '0002-second': makes('three', 'one') })).rejects.toThrow('already exists')
    expect(tables()).toEqual(['one', 'two'])
    await open(BOTH)
  })

  it.each(['', 'create table kysely_migration (name text primary key, timestamp text not null);'])(
    'begin anew where a start has left half a schema and nothing in it',
    async (bookkeeping) => {
      run(`${bookkeeping} create table one (id integer); create index one_id on one (id)`)
      await open(BOTH)
      expect(tables()).toEqual(['one', 'three', 'two'])
    },
  )

  it('touch no half of a schema in which something is kept', async () => {
    run('create table one (id integer); insert into one values (1)')
    await expect(open(BOTH)).rejects.toThrow('table "one" already exists')
    run('delete from one where id = 1')
    expect(tables()).toEqual(['one'])
  })
})
