import fs, { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { sql, type Kysely } from 'kysely'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openSqlite } from './sqlite.ts'
import type { StoreDatabase } from './house/store-database.ts'
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

const synchronous = async (database: Kysely<Schema>) =>
  (await sql<{ synchronous: number }>`pragma synchronous`.execute(database)).rows[0]?.synchronous
const NORMAL = 1
const FULL = 2

describe('A transaction that need not be synced', () => {
  it('is one that only the next checkpoint syncs, and all others are synced, whatever becomes of it', async () => {
    const levels: unknown[] = []
    const look = async (database: Kysely<Schema>) => void levels.push(await synchronous(database))
    await file.unsynced.transaction().execute(look)
    await look(file.writer)
    await file.writer.transaction().execute(look)
    const failing = file.unsynced.transaction().execute(async (database) => {
      await look(database)
      await sql`insert or rollback into item (id) values (1), (1)`.execute(database)
    })
    await expect(failing).rejects.toThrow('UNIQUE constraint failed')
    await Promise.all([file.unsynced, file.writer, file.unsynced].map((each) => each.transaction().execute(look)))
    expect(levels).toEqual([NORMAL, FULL, FULL, NORMAL, NORMAL, FULL, NORMAL])
  })
})

describe('What a killed process has left', () => {
  it('is on disk before anything of it is told', async () => {
    await file.unsynced.transaction().execute((database) => sql`insert into item (id) values (1)`.execute(database))
    const left = join(directory, 'left.sqlite')
    for (const end of ['', '-wal']) copyFileSync(join(directory, `test.sqlite${end}`), `${left}${end}`)
    const synced = vi.spyOn(fs, 'fsyncSync')
    syncBuiltinESMExports()
    const again = openSqlite<Schema>(left)
    expect(synced).toHaveBeenCalledTimes(1)
    synced.mockRestore()
    syncBuiltinESMExports()
    expect(await again.reader.selectFrom('item').select('id').execute()).toEqual([{ id: 1 }])
    await again.close()
  })
})

describe('A read', () => {
  it('sees what was committed before it, in the same turn as well, by whichever statement', async () => {
    expect(await count()).toBe(0)
    for (let id = 1; id < 4; id += 1) {
      await insert(id, null, '')
      expect(await count()).toBe(id)
    }
    await file.writer.deleteFrom('item').where('id', '=', 1).execute()
    expect(await count()).toBe(2)
    await file.writer.transaction().execute(async (database) => {
      await database.deleteFrom('item').execute()
      expect(await count()).toBe(2)
    })
    expect(await count()).toBe(0)
  })

  it('sees the same in one turn as others of it, and what others have written in the next', async () => {
    expect(await count()).toBe(0)
    using other = new DatabaseSync(join(directory, 'test.sqlite'))
    other.exec('insert into item (id) values (1)')
    expect(await count()).toBe(0)
    await nextTurn()
    expect(await count()).toBe(1)
  })

  it('keeps of the file what is its share of the memory of all who read', async () => {
    const kept = async () => (await sql<{ cache_size: number }>`pragma cache_size`.execute(file.reader)).rows[0]
    expect(await kept()).toEqual({ cache_size: -16 * 1024 })
    const others = Array.from({ length: 10 }, (_, n) => openSqlite<Schema>(join(directory, `other-${n}.sqlite`)))
    for (const each of others) await sql`select 1`.execute(each.reader)
    expect(await kept()).toEqual({ cache_size: -2 * 1024 })
    for (const each of others) await each.close()
    expect(await kept()).toEqual({ cache_size: -16 * 1024 })
  })

  it('does not keep the log from being moved to the database', async () => {
    await sql`pragma wal_autocheckpoint = 10`.execute(file.writer)
    for (let id = 1; id <= 100; id += 1) {
      await insert(id, null, 'x'.repeat(5000))
      expect(await count()).toBe(id)
    }
    expect(statSync(join(directory, 'test.sqlite-wal')).size).toBeLessThan(50 * 4096)
  })
})

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
