import { sql, type Kysely } from 'kysely'

/** The tables, columns, indexes and migrations of a database, as a text to compare. */
export async function describeSchema<Schema>(database: Kysely<Schema>): Promise<string> {
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

/** The names of the migrations that a database has had, in order; none where it keeps no account of them. */
export async function migrationsOf<Schema>(database: Kysely<Schema>): Promise<readonly string[]> {
  const { rows: tables } = await sql`select 1 from sqlite_master where name = 'kysely_migration'`.execute(database)
  if (tables.length === 0) return []
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(database)
  return rows.map(({ name }) => name)
}
