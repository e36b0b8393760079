import type { Kysely } from 'kysely'
import type { DialectName } from '../sql/dialect.ts'

/** The database of one store: one connection that writes, and what reads what was committed. */
export interface StoreDatabase<Schema> {
  /** Transactions are serialized: the next begins when the one before has ended. */
  readonly writer: Kysely<Schema>
  /**
   * The writer, for transactions that need not be on disk when they are committed: a fall of the machine may take the last
   * of them, and what is synced after them has them synced before it. It is the writer itself where each commit is synced,
   * or none.
   */
  readonly unsynced: Kysely<Schema>
  readonly reader: Kysely<Schema>
  /**
   * Calls `listener` with each row of these tables that the writer inserts, changes or deletes from now on, within the
   * transaction that does it: with what identifies the row before, and after. No SQL can change a row past it.
   *
   * @param tables an SQL expression for each that identifies a row, of `old` or `new`; null for a row that is left out
   */
  watchRows(tables: ReadonlyMap<string, RowExpression>, listener: RowListener): Promise<void>
  close(): Promise<void>
}

/** What identifies a row, in SQL. */
export type RowExpression = (row: 'old' | 'new', dialect: DialectName) => string

/** Hears of a row that has changed; null where there is none. */
export type RowListener = (table: string, before: unknown, after: unknown) => void
