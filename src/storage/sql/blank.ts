import { gunzipSync, gzipSync } from 'node:zlib'
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

/** Worked out once in a process, or when the program is bundled: migrations cost as much as all else of a start. */
const blanks = new Map<Migrations, Promise<Blank>>()

/** In a bundle, the blanks of its migrations, by `nameOf`. */
declare const BUNDLED_BLANKS: Readonly<Record<string, PackedBlank>>

/** A blank as a bundle has it. */
interface PackedBlank {
  readonly schema: string
  /** In gzip and base64. */
  readonly file: string
}

/** Where the header of a database says that it has a write-ahead log (SQLite, "Database File Format", 1.3.3). */
const VERSIONS = { begin: 18, end: 20 } as const
const WAL = 2

/** What migrations make of an empty database. */
export function blankOf(migrations: Migrations): Promise<Blank> {
  const blank = blanks.get(migrations) ?? unpackBlank(migrations) ?? makeBlank(migrations)
  blanks.set(migrations, blank)
  return blank
}

/** What a bundle is to have of some migrations. */
export async function packBlank(migrations: Migrations): Promise<readonly [name: string, PackedBlank]> {
  const { schema, file } = await makeBlank(migrations)
  return [nameOf(migrations), { schema, file: gzipSync(file).toString('base64') }]
}

function unpackBlank(migrations: Migrations): Promise<Blank> | null {
  const packed = typeof BUNDLED_BLANKS === 'undefined' ? undefined : BUNDLED_BLANKS[nameOf(migrations)]
  if (packed === undefined) return null
  return Promise.resolve({ schema: packed.schema, file: gunzipSync(Buffer.from(packed.file, 'base64')) })
}

/** Migrations are only ever added: their names say what they make. */
function nameOf(migrations: Migrations): string {
  return Object.keys(migrations).join(' ')
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
