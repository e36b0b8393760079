import { chmodSync, existsSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CompiledQuery, Kysely } from 'kysely'
import type { RowExpression, RowListener, StoreDatabase } from './house/store-database.ts'
import { ReadingDriver, sqliteDialect, unsyncedDriver, WritingDriver, type Synchronous } from './house/sqlite-driver.ts'
import { syncPathNow } from './whole-file.ts'

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
  else if (keeping === 'durable') syncLog(path)
  chmodSync(path, 0o600)
  const heard: { listener: RowListener } = { listener: () => {} }
  const synchronous = keeping === 'durable' ? 'FULL' : 'OFF'
  const reading = new ReadingDriver(() => connectReader(path))
  const writing = new WritingDriver(
    () => listen(connectWriter(path, synchronous), heard),
    synchronous,
    () => reading.end(),
  )
  const writer = new Kysely<Schema>({ dialect: sqliteDialect(writing) })
  const reader = new Kysely<Schema>({ dialect: sqliteDialect(reading) })
  return {
    writer,
    unsynced: keeping === 'durable' ? new Kysely<Schema>({ dialect: sqliteDialect(unsyncedDriver(writing)) }) : writer,
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
    database: new Kysely<Schema>({ dialect: sqliteDialect(new WritingDriver(() => memory, 'OFF')) }),
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
  if (keeping === 'durable') syncPathNow(dirname(path))
}

/** How long a connection waits for a lock of another one, in milliseconds. */
const TIMEOUT_MS = 5000

/** A process that was killed may have left commits that are not on disk: nobody is told of them before they are. */
function syncLog(path: string): void {
  if (existsSync(`${path}-wal`)) syncPathNow(`${path}-wal`)
}

function connectReader(path: string): DatabaseSync {
  return new DatabaseSync(path, { readOnly: true, timeout: TIMEOUT_MS })
}

/**
 * How long SQLite's log grows, in pages, before a commit moves it to the database. Whoever commits waits for the syncs of
 * both meanwhile, and with it whoever is answered by the same thread: SQLite's own 1,000 pages hold it three times as long.
 */
const LOG_PAGES = 250

function connectWriter(path: string, synchronous: Synchronous): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: TIMEOUT_MS })
  database.exec(`PRAGMA synchronous = ${synchronous}`)
  database.exec('PRAGMA journal_mode = WAL')
  database.exec(`PRAGMA wal_autocheckpoint = ${LOG_PAGES}`)
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
