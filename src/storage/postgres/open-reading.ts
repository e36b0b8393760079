import { Kysely } from 'kysely'
import type { StoreDatabase } from '../house/store-database.ts'
import type { Migrations } from '../sql/blank.ts'
import { describeSchema } from '../sql/describe-schema.ts'
import { NotBegunError } from '../house/reading-stores.ts'
import { postgresDialect } from './dialect.ts'
import { blankOf, borrowed } from './open-postgres.ts'
import { openSessions, type SessionOptions, type Sessions } from './sessions.ts'

/** What a schema is read with. */
export interface SchemaReading {
  /** Of those that may make something, which is undone. */
  readonly options: SessionOptions
  /** Those that read, of all schemas. */
  readonly readers: Sessions
}

/**
 * Opens a schema that another process serves, to read it. It has the tables that are made here, and nothing else.
 *
 * @throws NotBegunError where it is not so, or not yet
 */
export async function openReading<Schema>(
  schema: string,
  migrations: Migrations,
  { options, readers }: SchemaReading,
): Promise<StoreDatabase<Schema>> {
  const reader = new Kysely<Schema>({ dialect: postgresDialect({ sessions: borrowed(readers), schema, fence: null }) })
  if ((await describeSchema(reader)) !== (await expected(migrations, options))) {
    throw new NotBegunError(`The tables of ${schema} are not those of this version of Keyspan.`)
  }
  return {
    writer: reader,
    unsynced: reader,
    reader,
    watchRows: () => Promise.reject(new Error('INVARIANT: who reads a store changes no row of it')),
    close: () => reader.destroy(),
  }
}

async function expected(migrations: Migrations, options: SessionOptions): Promise<string> {
  const maker = new Kysely<unknown>({
    dialect: postgresDialect({ sessions: openSessions(options, 1), schema: 'public', fence: null }),
  })
  try {
    return await blankOf(maker, migrations)
  } finally {
    await maker.destroy()
  }
}
