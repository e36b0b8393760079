import type { Keeping } from '../sqlite.ts'
import type { Migrations } from '../sql/blank.ts'
import type { DialectName } from '../sql/dialect.ts'
import type { RowExpression, StoreDatabase } from './store-database.ts'

/** A row as it rests. */
export type StoredRow = Readonly<Record<string, string | number | Uint8Array | null>>

/** A store as it is at one moment, whoever may be changing it. */
export interface StoreView {
  /** Whether there is such a table. */
  has(table: string): Promise<boolean>
  /** @param name what identifies a row, which it then has as `_name` */
  rows(table: string, name?: RowExpression): AsyncIterable<StoredRow>
  /** The row with these cells; undefined where there is none. */
  find(table: string, cells: Readonly<Record<string, string>>): Promise<StoredRow | undefined>
}

/** One that has to be given back. */
export interface Snapshot extends StoreView, AsyncDisposable {}

/** All stores as they are at one and the same moment. */
export interface Moment extends AsyncDisposable {
  of(place: string): StoreView
}

/** Opens the database of a store, and makes it where it is missing. */
export type StoreOpener = <Schema>(migrations: Migrations, keeping: Keeping) => Promise<StoreDatabase<Schema>>

/** Where the stores of a deployment are. A place is a Region, or `global`. */
export interface StoreHouse {
  readonly engine: DialectName
  /** What an operator knows a store by. */
  nameOf(place: string): string
  /** The places that have a store, `global` first, by name. */
  places(): Promise<readonly string[]>
  opener(place: string): StoreOpener
  snapshot(place: string): Promise<Snapshot>
  /** Absent where each store is a database of its own. */
  readonly moment?: () => Promise<Moment>
  /** The size of a store in bytes; that of what was written last, where it is apart. */
  bytes(place: string): Promise<{ readonly database: number; readonly log: number }>
}
