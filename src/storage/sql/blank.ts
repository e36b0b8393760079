import type { Migration } from 'kysely/migration'
import { openEmptySqlite } from '../sqlite.ts'
import { describeSchema } from './describe-schema.ts'
import { migrate } from './migrate.ts'

/** By name. */
export type Migrations = Readonly<Record<string, Migration>>

/** What migrations make of an empty database. */
export interface Blank {
  readonly schema: string
  /** The database as a file. */
  readonly file: Uint8Array
}

/** Worked out once in a process: a migration costs more than a start. */
const blanks = new Map<Migrations, Promise<Blank>>()

/** Where the header of a database says that it has a write-ahead log (SQLite, "Database File Format", 1.3.3). */
const VERSIONS = { begin: 18, end: 20 } as const
const WAL = 2

/** What migrations make of an empty database. */
export function blankOf(migrations: Migrations): Promise<Blank> {
  const blank = blanks.get(migrations) ?? makeBlank(migrations)
  blanks.set(migrations, blank)
  return blank
}

async function makeBlank(migrations: Migrations): Promise<Blank> {
  const { database, serialize } = openEmptySqlite<unknown>()
  try {
    await migrate(database, migrations)
    const file = serialize().fill(WAL, VERSIONS.begin, VERSIONS.end)
    return { schema: await describeSchema(database), file }
  } finally {
    await database.destroy()
  }
}
