import { sql, type Kysely, type RawBuilder } from 'kysely'
import { RowError } from '../row-seal.ts'
import { dialectOf, type DialectName } from './dialect.ts'

/** What tells of everything that a database has but its rows. */
const PARTS: Readonly<Record<DialectName, readonly RawBuilder<unknown>[]>> = {
  sqlite: [
    sql`select type, name, tbl_name from sqlite_master order by type, name`,
    sql`select t.name as table_name, c.* from sqlite_master t, pragma_table_xinfo(t.name) c
        where t.type = 'table' order by t.name, c.cid`,
    sql`select t.name as table_name, l.name as index_name, l."unique", l.origin, l.partial, c.seqno, c.name, c."desc"
        from sqlite_master t, pragma_index_list(t.name) l, pragma_index_xinfo(l.name) c
        where t.type = 'table' order by t.name, l.name, c.seqno`,
  ],
  // What changes rows beside their statements (triggers) is looked at by who makes it.
  // Its catalogs, and not `information_schema`: to plan a look at that costs as much as all else of an opening.
  postgresql: [
    sql`select relname, relkind from pg_class
        where relnamespace = current_schema()::regnamespace order by relname, relkind`,
    sql`select c.relname, a.attname, format_type(a.atttypid, a.atttypmod) as type, a.attcollation::text, a.attnotnull,
          pg_get_expr(d.adbin, d.adrelid) as value, a.attidentity, a.attgenerated
        from pg_class c join pg_attribute a on a.attrelid = c.oid
        left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
        where c.relnamespace = current_schema()::regnamespace and c.relkind <> 'i' and a.attnum > 0
          and not a.attisdropped order by c.relname, a.attnum`,
    sql`select tablename, indexname, replace(indexdef, quote_ident(current_schema()) || '.', '') as definition
        from pg_indexes where schemaname = current_schema() order by tablename, indexname`,
    sql`select c.relname, con.conname, con.contype from pg_constraint con join pg_class c on c.oid = con.conrelid
        where c.relnamespace = current_schema()::regnamespace order by c.relname, con.conname`,
    sql`select tablename, rulename from pg_rules where schemaname = current_schema() order by tablename, rulename`,
    sql`select relname, relrowsecurity from pg_class
        where relnamespace = current_schema()::regnamespace and relrowsecurity order by relname`,
  ],
}

/** The tables, columns, indexes and migrations of a database, as a text to compare. */
export async function describeSchema<Schema>(database: Kysely<Schema>): Promise<string> {
  const found: unknown[] = []
  for (const part of PARTS[dialectOf(database).name]) found.push((await part.execute(database)).rows)
  return JSON.stringify(found)
}

/** The names of the migrations that a database has had, in order; none where it keeps no account of them. */
export async function migrationsOf<Schema>(database: Kysely<Schema>): Promise<readonly string[]> {
  if (!(await tablesOf(database)).includes('kysely_migration')) return []
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(database)
  return rows.map(({ name }) => name)
}

/**
 * Refuses tables that a newer version has made.
 *
 * @param had the migrations that a database has had
 * @throws RowError
 */
export function requireNoneNewer(had: readonly string[], migrations: Readonly<Record<string, unknown>>): void {
  const newer = had.filter((name) => !(name in migrations))
  if (newer.length === 0) return
  throw new RowError(
    `Its tables are those of a newer version of Keyspan (${newer.join(', ')}), which this one would damage. Start that ` +
      'version. To go back to this one, restore a backup that was made before the upgrade.',
  )
}

/** The names of the tables of a database. */
export async function tablesOf<Schema>(database: Kysely<Schema>): Promise<readonly string[]> {
  const { rows } = await dialectOf(database).tables.execute(database)
  return rows.map(({ name }) => name)
}
