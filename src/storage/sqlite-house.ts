import { existsSync, readdirSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite'
import { isCommercialRegion } from '../domain/region.ts'
import { openDatabase } from './sql/open-database.ts'
import type { RowExpression } from './store-database.ts'
import type { Snapshot, StoredRow, StoreHouse, StoreOpener } from './store-house.ts'

/** The stores in files of SQLite. */
export function sqliteHouse({
  global,
  region,
  regions,
}: {
  readonly global: string
  readonly region: (region: string) => string
  /** The directory of the files of Regions. */
  readonly regions: string
}): StoreHouse {
  const pathOf = (place: string) => (place === 'global' ? global : region(place))
  return {
    engine: 'sqlite',
    nameOf: pathOf,
    async places() {
      const names = existsSync(regions) ? readdirSync(regions).toSorted() : []
      const found = names.filter((name) => name.endsWith('.sqlite')).map((name) => name.slice(0, -'.sqlite'.length))
      return [...(existsSync(global) ? ['global'] : []), ...found.filter((name) => isCommercialRegion(name))]
    },
    opener: (place) => fileOpener(pathOf(place)),
    snapshot: async (place) => sqliteSnapshot(pathOf(place)),
    async bytes(place) {
      return { database: await sizeOf(pathOf(place)), log: await sizeOf(`${pathOf(place)}-wal`) }
    },
  }
}

/** Opens the store in a file. */
export function fileOpener(path: string): StoreOpener {
  return (migrations, keeping) => openDatabase(path, migrations, keeping)
}

async function sizeOf(path: string): Promise<number> {
  // A log is there only while there is something in it.
  return (await stat(path).catch(() => null))?.size ?? 0
}

/** The store in a file as it is now. Its server may be running. */
export function sqliteSnapshot(path: string): Snapshot {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5000 })
  database.exec('BEGIN')
  return {
    async has(table) {
      return database.prepare("select 1 from sqlite_master where type = 'table' and name = ?").get(table) !== undefined
    },
    async *rows(table, name) {
      const order = table === 'domain_key' ? ' order by version' : ''
      yield* database
        .prepare(`select new.*${named(name)} from "${table}" as new${order}`)
        .iterate() as Iterable<StoredRow>
    },
    async find(table, cells) {
      const where = Object.keys(cells)
        .map((column) => `"${column}" = ?`)
        .join(' and ')
      const row = database.prepare(`select * from "${table}" where ${where}`).get(...Object.values(cells))
      return row as (Record<string, SQLOutputValue> & StoredRow) | undefined
    },
    async [Symbol.asyncDispose]() {
      database.close()
    },
  }
}

function named(name: RowExpression | undefined): string {
  return name === undefined ? '' : `, ${name('new', 'sqlite')} as "_name"`
}
