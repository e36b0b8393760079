import { PostgresAdapter, sql, type Kysely, type RawBuilder } from 'kysely'

/** The engines that a store may rest on. */
export type DialectName = 'sqlite' | 'postgresql'

/** Where a row is in its table, until it is written again. */
export type RowPlace = number | string

/** How one engine says what the standard has no words for. */
interface SqlDialect {
  readonly name: DialectName
  /** The column that says where a row is. */
  readonly place: string
  /** The place before every row. */
  readonly start: RowPlace
  /** A place as a value that can be compared. */
  readonly at: (place: RowPlace) => RawBuilder<unknown>
  /** Finds the names of the tables that a database has. */
  readonly tables: RawBuilder<{ name: string }>
}

const SQLITE: SqlDialect = {
  name: 'sqlite',
  place: 'rowid',
  start: 0,
  at: (place) => sql`${place}`,
  tables: sql<{ name: string }>`
    select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape '\\'`,
}

const POSTGRESQL: SqlDialect = {
  name: 'postgresql',
  place: 'ctid',
  start: '(0,0)',
  at: (place) => sql`${place}::tid`,
  tables: sql<{ name: string }>`select tablename as name from pg_tables where schemaname = current_schema()`,
}

/** The dialect of the engine behind a database. */
export function dialectOf<Schema>(database: Kysely<Schema>): SqlDialect {
  return database.getExecutor().adapter instanceof PostgresAdapter ? POSTGRESQL : SQLITE
}
