import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import {
  CompiledQuery,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely'
import { isDiskFull } from './disk-full.ts'
import { UncertainChangeError } from '../store.ts'

/** How many prepared statements a connection keeps. */
const STATEMENTS = 200

/** Kysely's dialect over a driver. */
export function sqliteDialect(driver: Driver): Dialect {
  return {
    createDriver: () => driver,
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

/** What a commit syncs: the log, nothing until the log is moved to the database, or nothing ever. */
export type Synchronous = 'FULL' | 'NORMAL' | 'OFF'

/** Kysely's driver over the SQLite that comes with Node: one connection, handed to one user at a time. */
export class WritingDriver implements Driver {
  readonly #open: () => DatabaseSync
  readonly #beforeEach: () => void
  readonly #synchronous: Synchronous
  #connection: SqliteConnection | null = null
  #level: Synchronous
  #last: Promise<void> = Promise.resolve()
  #release: () => void = () => {}

  /**
   * @param open gives the connection
   * @param synchronous what its commits sync, as it is opened
   * @param beforeEach called before each statement
   */
  constructor(open: () => DatabaseSync, synchronous: Synchronous, beforeEach: () => void = () => {}) {
    this.#open = open
    this.#synchronous = synchronous
    this.#level = synchronous
    this.#beforeEach = beforeEach
  }

  async init(): Promise<void> {
    this.#connection ??= new SqliteConnection(this.#open(), this.#beforeEach)
  }

  /** SQLite takes it between transactions alone. */
  #sync(connection: SqliteConnection, level: Synchronous): void {
    if (level === this.#level) return
    connection.set(`synchronous = ${level}`)
    this.#level = level
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

  beginTransaction(connection: SqliteConnection): Promise<void> {
    return this.begin(connection, this.#synchronous)
  }

  /** Begins a transaction whose commit syncs what it is told. */
  async begin(connection: SqliteConnection, synchronous: Synchronous): Promise<void> {
    // A rollback that failed must not stop every transaction after it.
    await this.rollbackTransaction(connection)
    this.#sync(connection, synchronous)
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

  async releaseConnection(connection: SqliteConnection): Promise<void> {
    // What is changed without a transaction is synced as well.
    if (!connection.isInTransaction) this.#sync(connection, this.#synchronous)
    this.#release()
  }

  async destroy(): Promise<void> {
    this.#connection?.close()
    this.#connection = null
  }
}

/**
 * The connection of another driver, for transactions that are not synced when they are committed. The log of SQLite is
 * in the order of the commits, and is checked from its beginning: what a fall of the machine takes from it is its end,
 * and the next commit that is synced has all before it synced as well.
 */
export function unsyncedDriver(driver: WritingDriver): Driver {
  return {
    init: () => driver.init(),
    acquireConnection: () => driver.acquireConnection(),
    beginTransaction: (connection) => driver.begin(connection as SqliteConnection, 'NORMAL'),
    commitTransaction: (connection) => driver.commitTransaction(connection),
    rollbackTransaction: (connection) => driver.rollbackTransaction(connection),
    releaseConnection: (connection) => driver.releaseConnection(connection as SqliteConnection),
    destroy: async () => {},
  }
}

/**
 * How much of their databases all who read keep in memory, in KiB, and each at least. Of a million keys it has all inner
 * nodes of the trees, so that to find a row takes one read of the file for each tree.
 */
const READERS_KIB = 16 * 1024
const READER_KIB = 2 * 1024

/** Those who read now. */
const readers = new Set<SqliteConnection>()

function shareMemory(): void {
  const share = Math.max(READER_KIB, Math.floor(READERS_KIB / readers.size))
  for (const reader of readers) reader.set(`cache_size = -${share}`)
}

/**
 * Reads what was committed. The reads of one turn of the event loop share a transaction: to begin and end one takes
 * longer than to find a row. It ends with the turn, or before the writer does anything: a read sees every commit before
 * it, and what was committed can always be moved from the log to the database.
 */
export class ReadingDriver implements Driver {
  readonly #open: () => DatabaseSync
  #connection: SqliteConnection | null = null

  constructor(open: () => DatabaseSync) {
    this.#open = open
  }

  async init(): Promise<void> {
    if (this.#connection !== null) return
    const connection = new SqliteConnection(this.#open(), () => this.#begin(connection))
    this.#connection = connection
    readers.add(connection)
    shareMemory()
  }

  /** Nobody has to wait for it: a statement is done at once. */
  async acquireConnection(): Promise<SqliteConnection> {
    if (this.#connection === null) throw new Error('The database is closed.')
    return this.#connection
  }

  #begin(connection: SqliteConnection): void {
    if (connection.isInTransaction) return
    connection.run('BEGIN')
    setImmediate(() => this.end())
  }

  /** Has the next read see what is committed then. */
  end(): void {
    // One in which a read has failed may be over already.
    if (this.#connection?.isInTransaction === true) this.#connection.run('COMMIT')
  }

  beginTransaction(): Promise<never> {
    return Promise.reject(new Error('INVARIANT: who reads begins no transaction'))
  }

  async commitTransaction(): Promise<void> {}

  async rollbackTransaction(): Promise<void> {}

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {
    if (this.#connection === null) return
    this.end()
    readers.delete(this.#connection)
    this.#connection.close()
    this.#connection = null
    shareMemory()
  }
}

/** A statement, and whether it answers with rows. */
interface Prepared {
  readonly statement: StatementSync
  readonly hasRows: boolean
}

class SqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync
  readonly #beforeEach: () => void
  readonly #statements = new Map<string, Prepared>()

  constructor(database: DatabaseSync, beforeEach: () => void) {
    this.#database = database
    this.#beforeEach = beforeEach
  }

  get isInTransaction(): boolean {
    return this.#database.isTransaction
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    this.#beforeEach()
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

  /** Sets what a pragma says. SQLite does some as it reads the statement: one that is kept would do nothing more. */
  set(pragma: string): void {
    this.#database.exec(`PRAGMA ${pragma}`)
  }

  /** Runs a statement that has no parameters and gives no rows. */
  run(sql: string): void {
    this.#prepare(sql).statement.run()
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
