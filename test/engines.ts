import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { parsePostgresUrl } from '../src/storage/postgres/postgres-url.ts'
import { postgresHouse } from '../src/storage/postgres/postgres-house.ts'
import { sqliteSnapshot } from '../src/storage/sqlite-house.ts'
import type { Snapshot, StoredRow, StoreOpener } from '../src/storage/store-house.ts'
import { POSTGRES_BIN, sharedPostgres } from './postgres/postgres.ts'

/** A store of a test, which can be looked at and changed from outside. */
export interface TestStore extends AsyncDisposable {
  readonly where: string | StoreOpener
  snapshot(): Promise<Snapshot>
  /** Runs a statement past the store, with `?` for values; gives the rows that it gives. */
  query(text: string, ...values: readonly (string | number | Uint8Array)[]): Promise<readonly StoredRow[]>
}

/** An engine that stores rest on. */
export interface TestEngine {
  readonly name: string
  /** @param place a Region, or `global` */
  readonly newStore: (place: string) => Promise<TestStore>
}

const SQLITE: TestEngine = {
  name: 'SQLite',
  async newStore() {
    const directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
    const path = join(directory, 'store.sqlite')
    return {
      where: path,
      snapshot: async () => sqliteSnapshot(path),
      async query(text, ...values) {
        using database = new DatabaseSync(path)
        return database.prepare(text).all(...(values as readonly SQLInputValue[])) as readonly StoredRow[]
      },
      async [Symbol.asyncDispose]() {
        rmSync(directory, { recursive: true })
      },
    }
  },
}

const POSTGRESQL: TestEngine = {
  name: 'PostgreSQL',
  async newStore(place) {
    const postgres = await sharedPostgres()
    const url = await postgres.newDatabase()
    const house = postgresHouse({ address: parsePostgresUrl(url), password: null, name: 'keyspan test' }, null)
    return {
      where: house.opener(place),
      snapshot: () => house.snapshot(place),
      async query(text, ...values) {
        let count = 0
        const numbered = text.replaceAll('?', () => `$${(count += 1)}`)
        const path = `${url}?options=${encodeURIComponent(`-csearch_path=keyspan_${place}`)}`
        return (await postgres.query(path, numbered, values)) as readonly StoredRow[]
      },
      async [Symbol.asyncDispose]() {
        await house.close()
      },
    }
  },
}

/** Those of this machine. */
export const ENGINES: readonly TestEngine[] = [SQLITE, ...(POSTGRES_BIN === null ? [] : [POSTGRESQL])]
