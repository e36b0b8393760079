import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { RowError } from '../row-seal.ts'
import { openEmptySqlite } from '../sqlite.ts'
import { migrate } from './migrate.ts'

type Migrations = Readonly<Record<string, Migration>>

/** What migrations make of an empty database; worked out once. */
const made = new Map<Migrations, Promise<string>>()

/**
 * Requires that a database has the tables, columns and indexes that its migrations make, and nothing else: no MAC tells
 * of a column that was renamed, nor of a trigger that changes what this server writes.
 *
 * @throws RowError
 */
export async function requireSchema<Schema>(database: Kysely<Schema>, migrations: Migrations): Promise<void> {
  const expected = made.get(migrations) ?? schemaOf(migrations)
  made.set(migrations, expected)
  if ((await describe(database)) === (await expected)) return
  throw new RowError(
    'The tables of a database are not as this server has made them: its file was changed or is damaged. Restore a backup.',
  )
}

async function schemaOf(migrations: Migrations): Promise<string> {
  const database = openEmptySqlite<unknown>()
  try {
    await migrate(database, migrations)
    return await describe(database)
  } finally {
    await database.destroy()
  }
}

async function describe<Schema>(database: Kysely<Schema>): Promise<string> {
  const parts = [
    sql`select type, name, tbl_name from sqlite_master order by type, name`,
    sql`select t.name as table_name, c.* from sqlite_master t, pragma_table_xinfo(t.name) c
        where t.type = 'table' order by t.name, c.cid`,
    sql`select t.name as table_name, l.name as index_name, l."unique", l.origin, l.partial, c.seqno, c.name, c."desc"
        from sqlite_master t, pragma_index_list(t.name) l, pragma_index_xinfo(l.name) c
        where t.type = 'table' order by t.name, l.name, c.seqno`,
  ]
  const found: unknown[] = []
  for (const part of parts) found.push((await part.execute(database)).rows)
  return JSON.stringify(found)
}
