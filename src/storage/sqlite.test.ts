import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSqlite } from './sqlite.ts'
import type { StoreDatabase } from './store-database.ts'
import { UncertainChangeError } from './store.ts'

interface Schema {
  item: { id: number; parent: number | null; content: string }
}

let directory: string
let file: StoreDatabase<Schema>
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
  file = openSqlite<Schema>(join(directory, 'test.sqlite'))
  const reference = sql`references item (id) deferrable initially deferred`
  await sql`create table item (id integer primary key, parent integer ${reference}, content text)`.execute(file.writer)
})
afterEach(async () => {
  await file.close()
  rmSync(directory, { recursive: true })
})

const insert = (id: number, parent: number | null, content: string): Promise<unknown> =>
  file.writer.transaction().execute((database) => database.insertInto('item').values({ id, parent, content }).execute())
const count = async (): Promise<number> => (await file.reader.selectFrom('item').select('id').execute()).length

describe('A transaction', () => {
  it('fails with what went wrong, where SQLite has rolled it back by itself', async () => {
    const failing = file.writer.transaction().execute(async (database) => {
      await database.insertInto('item').values({ id: 1, parent: null, content: '' }).execute()
      await sql`insert or rollback into item (id) values (1)`.execute(database)
    })
    await expect(failing).rejects.toThrow('UNIQUE constraint failed')
    expect(await count()).toBe(0)
  })

  it('says that it may have happened where it could not be committed, and the next one begins', async () => {
    await expect(insert(1, 2, 'an orphan')).rejects.toThrow(UncertainChangeError)
    expect(await count()).toBe(0)
    await insert(1, null, '')
    expect(await count()).toBe(1)
  })

  it('has not happened where the file may grow no more, and the next one has as soon as it may', async () => {
    await sql`pragma max_page_count = 20`.execute(file.writer)
    await expect(insert(1, null, 'x'.repeat(1_000_000))).rejects.toThrow('full')
    expect(await count()).toBe(0)
    await sql`pragma max_page_count = 1000000`.execute(file.writer)
    await insert(1, null, 'x'.repeat(1_000_000))
    expect(await count()).toBe(1)
  })
})
