import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import {
  CompiledQuery,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely'
import { isDiskFull } from './house/disk-full.ts'
import type { RowExpression, RowListener, StoreDatabase } from './house/store-database.ts'
import { UncertainChangeError } from './store.ts'

/** How many prepared statements a connection keeps. */
const STATEMENTS = 200

/** Whether what is written is to outlive the machine's fall, or need not even outlive the process. */
export type Keeping = 'durable' | 'ephemeral'

/**
 * Opens a SQLite database, made with mode 0600 where it is missing.
 *
 * Durable and quiet: a write-ahead log synced at each commit, and deleted content overwritten with zeros. An ephemeral
 * one is synced never.
 *
 * @param blank what a new one begins as
 */
export function openSqlite<Schema>(
  path: string,
  keeping: Keeping = 'durable',
  blank: Uint8Array = Buffer.alloc(0),
): StoreDatabase<Schema> {
  if (isMissing(path)) begin(path, keeping, blank)
  chmodSync(path, 0o600)
  const heard: { listener: RowListener } = { listener: () => {} }
  const writer = new Kysely<Schema>({ dialect: sqliteDialect(() => listen(connect(path, false, keeping), heard)) })
  const reader = new Kysely<Schema>({ dialect: sqliteDialect(() => connect(path, true, keeping)) })
  return {
    writer,
    reader,
    async watchRows(tables, listener) {
      heard.listener = listener
      for (const trigger of triggersOf(tables)) await writer.executeQuery(CompiledQuery.raw(trigger))
    },
    async close() {
      await reader.destroy()
      await writer.destroy()
    },
  }
}

/** A database of nobody's, in memory, and what it would be as a file. */
export function openEmptySqlite<Schema>(): {
  readonly database: Kysely<Schema>
  readonly serialize: () => Uint8Array
} {
  const memory = new DatabaseSync(':memory:')
  return {
    database: new Kysely<Schema>({ dialect: sqliteDialect(() => memory) }),
    serialize: () => memory.serialize(),
  }
}

/** An empty file is a database that was never begun, unless all of it is still in its log. */
function isMissing(path: string): boolean {
  if (!existsSync(path)) return true
  const isLogEmpty = !existsSync(`${path}-wal`) || statSync(`${path}-wal`).size === 0
  return statSync(path).size === 0 && isLogEmpty
}

/** Whole or not at all, whenever the process is killed. */
function begin(path: string, keeping: Keeping, blank: Uint8Array): void {
  const unnamed = `${path}.new`
  writeFileSync(unnamed, blank, { mode: 0o600, flush: keeping === 'durable' })
  renameSync(unnamed, path)
  if (keeping === 'ephemeral') return
  const directory = openSync(dirname(path), 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}

function connect(path: string, readOnly: boolean, keeping: Keeping): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly, timeout: 5000 })
  if (readOnly) return database
  database.exec(`PRAGMA synchronous = ${keeping === 'durable' ? 'FULL' : 'OFF'}`)
  database.exec('PRAGMA journal_mode = WAL')
  database.exec('PRAGMA secure_delete = ON')
  database.exec('PRAGMA foreign_keys = ON')
  return database
}

/** The name under which triggers tell of rows. */
const ROW_CHANGED = 'keyspan_row_changed'

function listen(database: DatabaseSync, heard: { readonly listener: RowListener }): DatabaseSync {
  database.function(ROW_CHANGED, (table, before, after) => {
    heard.listener(String(table), before, after)
    return null
  })
  return database
}

/** Triggers of this connection alone: the file has none. */
function triggersOf(tables: ReadonlyMap<string, RowExpression>): readonly string[] {
  return [...tables].flatMap(([table, of]) =>
    [
      { event: 'insert', before: 'null', after: of('new', 'sqlite') },
      { event: 'update', before: of('old', 'sqlite'), after: of('new', 'sqlite') },
      { event: 'delete', before: of('old', 'sqlite'), after: 'null' },
    ].map(
      ({ event, before, after }) =>
        `create temp trigger "${table}_${event}" after ${event} on main."${table}" when ${before} is not ${after} ` +
        `begin select ${ROW_CHANGED}('${table}', ${before}, ${after}); end`,
    ),
  )
}

function sqliteDialect(open: () => DatabaseSync): Dialect {
  return {
    createDriver: () => new SqliteDriver(open),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new TransactionalAdapter(),
    createIntrospector: (database) => new SqliteIntrospector(database),
  }
}

/** Kysely does not trust in it, but in SQLite a schema changes with its transaction. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/** Kysely's driver over the SQLite that comes with Node: one connection, handed to one user at a time. */
class SqliteDriver implements Driver {
  readonly #open: () => DatabaseSync
  #connection: SqliteConnection | null = null
  #last: Promise<void> = Promise.resolve()
  #release: () => void = () => {}

  constructor(open: () => DatabaseSync) {
    this.#open = open
  }

  async init(): Promise<void> {
    this.#connection = new SqliteConnection(this.#open())
  }

  async acquireConnection(): Promise<SqliteConnection> {
    const before = this.#last
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last = promise
    await before
    this.#release = resolve
    if (this.#connection === null) throw new Error('The database is closed.')
    return this.#connection
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    // A rollback that failed must not stop every transaction after it.
    await this.rollbackTransaction(connection)
    await connection.executeQuery(CompiledQuery.raw('BEGIN IMMEDIATE'))
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      await connection.executeQuery(CompiledQuery.raw('COMMIT'))
    } catch (error) {
      // Where there was no room, the end of the transaction is not written: it can never be found.
      if (isDiskFull(error)) throw error
      throw new UncertainChangeError('A change could not be committed: it is undone, but a crash may bring it back.', {
        cause: error,
      })
    }
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // SQLite rolls back by itself where the disk is full or fails; why it did is the error that counts.
    if (this.#connection?.isInTransaction === true) await connection.executeQuery(CompiledQuery.raw('ROLLBACK'))
  }

  async releaseConnection(): Promise<void> {
    this.#release()
  }

  async destroy(): Promise<void> {
    this.#connection?.close()
    this.#connection = null
  }
}

/** A statement, and whether it answers with rows. */
interface Prepared {
  readonly statement: StatementSync
  readonly hasRows: boolean
}

class SqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, Prepared>()

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  get isInTransaction(): boolean {
    return this.#database.isTransaction
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const { statement, hasRows } = this.#prepare(sql)
    const values = parameters as readonly SQLInputValue[]
    if (hasRows) return { rows: statement.all(...values) as Row[] }
    const { changes } = statement.run(...values)
    return { rows: [], numAffectedRows: BigInt(changes) }
  }

  // oxlint-disable-next-line require-yield -- the interface asks for a generator; nothing here streams
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('SQLite answers whole results; streaming is not supported.')
  }

  close(): void {
    this.#statements.clear()
    this.#database.close()
  }

  #prepare(sql: string): Prepared {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    if (this.#statements.size >= STATEMENTS) this.#statements.clear()
    const statement = this.#database.prepare(sql)
    const prepared = { statement, hasRows: statement.columns().length > 0 }
    this.#statements.set(sql, prepared)
    return prepared
  }
}
