import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Kysely, sql } from 'kysely'
import { postgresDialect } from '../src/storage/postgres/dialect.ts'
import { parsePostgresUrl } from '../src/storage/postgres/postgres-url.ts'
import { postgresHouse } from '../src/storage/postgres/postgres-house.ts'
import { openSessions } from '../src/storage/postgres/sessions.ts'
import { sqliteSnapshot } from '../src/storage/house/sqlite-house.ts'
import { openSqlite } from '../src/storage/sqlite.ts'
import type { DialectName } from '../src/storage/sql/dialect.ts'
import { GLOBAL_MIGRATIONS } from '../src/storage/sql/global-schema.ts'
import { REGION_MIGRATIONS } from '../src/storage/sql/region-schema.ts'
import type { Snapshot, StoredRow, StoreOpener } from '../src/storage/house/store-house.ts'
import { POSTGRES_BIN, sharedPostgres, type SharedPostgres } from './postgres/postgres.ts'

/** What a statement of a test is given for each of its `?`. */
type Value = string | number | bigint | Uint8Array | null

/** A column of a table. */
interface Column {
  readonly name: string
  readonly type: 'integer' | 'text' | 'blob'
}

/** A store of a test, which can be looked at and changed from outside. */
export interface TestStore extends AsyncDisposable {
  readonly where: string | StoreOpener
  snapshot(): Promise<Snapshot>
  /** Runs a statement past the store, with `?` for values; gives the rows that it gives, once the store sees what it did. */
  query(text: string, ...values: readonly Value[]): Promise<readonly StoredRow[]>
  /** Runs statements past the store; gives the rows of each, where the engine tells them. */
  run(statements: string): Promise<readonly (readonly StoredRow[])[]>
  /** The tables that there are, by name. */
  tables(): Promise<readonly string[]>
  columns(table: string): Promise<readonly Column[]>
  /** All that is kept, one byte a character. */
  bytes(): Promise<string>
  /** The database without the tables of a store; it is closed by whoever has asked for it. */
  plain<Schema>(): Promise<Kysely<Schema>>
  /** Where the tables are, in a database that has many. */
  readonly schema: string | undefined
  /** Makes another store that is what this one is now. Nobody may have this one open. */
  copy(): Promise<TestStore>
}

/** An engine that stores rest on. */
export interface TestEngine {
  readonly name: string
  readonly dialect: DialectName
  /** @param place a Region, or `global` */
  readonly newStore: (place: string) => Promise<TestStore>
  /** What a column can hold that is not what is in it. */
  readonly otherThan: (cell: Value, column: Column) => Value
}

const SQLITE: TestEngine = {
  name: 'SQLite',
  dialect: 'sqlite',
  newStore: async () => storeInFile(mkdtempSync(join(tmpdir(), 'keyspan-'))),
  // Any cell can hold anything.
  otherThan: (cell) => (typeof cell === 'number' ? cell + 1 : 'x'),
}

/** A store reads what was committed before the turn of the event loop in which it reads first. */
function storeInFile(directory: string): TestStore {
  const path = join(directory, 'store.sqlite')
  const query = (text: string, values: readonly Value[] = []) => {
    using database = new DatabaseSync(path)
    return database.prepare(text).all(...(values as readonly SQLInputValue[])) as readonly StoredRow[]
  }
  return {
    where: path,
    schema: undefined,
    snapshot: async () => sqliteSnapshot(path),
    async query(text, ...values) {
      const rows = query(text, values)
      await nextTurn()
      return rows
    },
    async run(statements) {
      using database = new DatabaseSync(path)
      database.exec(statements)
      await nextTurn()
      return []
    },
    tables: async () => namesOf(query("select name from sqlite_master where type = 'table' order by name")),
    columns: async (table) =>
      query('select name, lower(type) as type from pragma_table_info(?)', [table]) as unknown as readonly Column[],
    bytes: async () =>
      readdirSync(directory)
        .map((name) => readFileSync(join(directory, name), 'latin1'))
        .join(''),
    async plain<Schema>() {
      return openSqlite<Schema>(path).writer
    },
    async copy() {
      const another = mkdtempSync(join(tmpdir(), 'keyspan-'))
      copyFileSync(path, join(another, 'store.sqlite'))
      return storeInFile(another)
    },
    async [Symbol.asyncDispose]() {
      rmSync(directory, { recursive: true })
    },
  }
}

const POSTGRESQL: TestEngine = {
  name: 'PostgreSQL',
  dialect: 'postgresql',
  async newStore(place) {
    const postgres = await sharedPostgres()
    const blank = blanks.get(place) ?? makeBlank(postgres, place)
    blanks.set(place, blank)
    return storeInSchema(postgres, await postgres.newDatabase(await blank), place)
  },
  otherThan(cell, { type }) {
    if (type === 'integer') return Number(cell) + 1
    return type === 'blob' ? Buffer.from('x') : 'x'
  },
}

/** Addresses of databases with empty tables, by place: a copy costs less than to make them. */
const blanks = new Map<string, Promise<string>>()

async function makeBlank(postgres: SharedPostgres, place: string): Promise<string> {
  const url = await postgres.newDatabase()
  const house = houseAt(url)
  const opened = await house.opener(place)(place === 'global' ? GLOBAL_MIGRATIONS : REGION_MIGRATIONS, 'durable')
  await opened.close()
  await house.close()
  return url
}

const optionsFor = (url: string) => ({ address: parsePostgresUrl(url), password: null, name: 'keyspan test' })
const houseAt = (url: string) => postgresHouse(optionsFor(url), null)

function storeInSchema(postgres: SharedPostgres, url: string, place: string): TestStore {
  const house = houseAt(url)
  const schema = `keyspan_${place}`
  const path = `${url}?options=${encodeURIComponent(`-csearch_path=${schema}`)}`
  const query = async (text: string, values: readonly Value[] = []) => {
    let count = 0
    const numbered = text.replaceAll('?', () => `$${(count += 1)}`)
    return (await postgres.query(path, numbered, values)) as readonly StoredRow[]
  }
  const tables = `select tablename as name from pg_tables where schemaname = '${schema}' order by name`
  const columns = `
    select a.attname as name, case format_type(a.atttypid, null) when 'bigint' then 'integer' when 'bytea' then 'blob' else 'text' end as type
    from pg_attribute a where a.attrelid = to_regclass('"${schema}".' || quote_ident(?)) and a.attnum > 0 order by a.attnum`
  return {
    where: house.opener(place),
    schema,
    snapshot: () => house.snapshot(place),
    query: (text, ...values) => query(text, values),
    run: (statements) => postgres.run(path, statements),
    tables: async () => namesOf(await query(tables)),
    columns: async (table) => (await query(columns, [table])) as unknown as readonly Column[],
    async bytes() {
      const rows = await Promise.all(namesOf(await query(tables)).map((table) => query(`select * from "${table}"`)))
      const cells = rows.flat().flatMap((row) => Object.values(row))
      return cells
        .map((cell) => Buffer.from(cell instanceof Uint8Array ? cell : String(cell)).toString('latin1'))
        .join('\n')
    },
    async plain<Schema>() {
      const database = new Kysely<Schema>({
        dialect: postgresDialect({ sessions: openSessions(optionsFor(url), 1), schema, fence: null }),
      })
      await sql`drop schema if exists ${sql.id(schema)} cascade`.execute(database)
      await sql`create schema ${sql.id(schema)}`.execute(database)
      return database
    },
    async copy() {
      return storeInSchema(postgres, await postgres.newDatabase(url), place)
    },
    async [Symbol.asyncDispose]() {
      await postgres.leave(path)
      await house.close()
    },
  }
}

function namesOf(rows: readonly StoredRow[]): readonly string[] {
  return rows.map(({ name }) => String(name))
}

/** Those of this machine. */
export const ENGINES: readonly TestEngine[] = [SQLITE, ...(POSTGRES_BIN === null ? [] : [POSTGRESQL])]
