import { CompiledQuery, Kysely, sql, type Transaction } from 'kysely'
import { RowError } from '../row-seal.ts'
import type { Migrations } from '../sql/blank.ts'
import { describeSchema, migrationsOf, requireNoneNewer } from '../sql/describe-schema.ts'
import { migrateIn } from '../sql/migrate.ts'
import type { RowListener, StoreDatabase } from '../house/store-database.ts'
import { postgresDialect, type Fence } from './dialect.ts'
import { openSessions, type SessionOptions, type Sessions } from './sessions.ts'
import { hearRow, ROW_CHANGED, watchTables } from './watch-rows.ts'

/** What a schema is opened with. */
interface SchemaOpening {
  readonly options: SessionOptions
  /** Those that read, of all schemas. */
  readonly readers: Sessions
  readonly fence: Fence | null
}

/**
 * Opens a schema as the database of a store, brings it to the newest tables, and makes it where it is missing.
 *
 * It has the tables, columns, indexes and triggers that are made here, and nothing else.
 *
 * @throws RowError
 */
export async function openPostgres<Schema>(
  schema: string,
  migrations: Migrations,
  { options, readers, fence }: SchemaOpening,
): Promise<StoreDatabase<Schema>> {
  const heard: { listener: RowListener } = { listener: () => {} }
  const writers = openSessions(options, 1, (client) => {
    client.on('notice', ({ message, detail }) => {
      if (message === ROW_CHANGED && detail !== undefined) hearRow(detail, heard.listener)
    })
  })
  const writer = new Kysely<Schema>({ dialect: postgresDialect({ sessions: writers, schema, fence }) })
  const reader = new Kysely<Schema>({ dialect: postgresDialect({ sessions: borrowed(readers), schema, fence: null }) })
  try {
    await bringUp(writer, schema, migrations)
  } catch (error) {
    await writer.destroy()
    throw error
  }
  return {
    writer,
    unsynced: writer,
    reader,
    watchRows(tables, listener) {
      heard.listener = listener
      return watchTables(writer, tables)
    },
    async close() {
      await reader.destroy()
      await writer.destroy()
    },
  }
}

/** They stay when one schema is closed. */
export function borrowed(sessions: Sessions): Sessions {
  return { ...sessions, close: async () => {} }
}

async function bringUp<Schema>(writer: Kysely<Schema>, schema: string, migrations: Migrations): Promise<void> {
  const expected = await blankOf(writer, migrations)
  const had = await migrationsOf(writer)
  requireNoneNewer(had, migrations)
  if (had.length === Object.keys(migrations).length && (await describeSchema(writer)) === expected) return
  await writer.transaction().execute(async (transaction) => {
    await sql`create schema if not exists ${sql.id(schema)}`.execute(transaction)
    await migrateIn(transaction, migrations, schema)
  })
  if ((await describeSchema(writer)) === expected) return
  throw new RowError(
    `The tables of ${schema} are not as this server has made them: they were changed by others. Restore a backup.`,
  )
}

/** What migrations make of an empty schema; worked out once in a process, in a transaction that is undone. */
const blanks = new Map<Migrations, string>()

export async function blankOf<Schema>(writer: Kysely<Schema>, migrations: Migrations): Promise<string> {
  const known = blanks.get(migrations)
  if (known !== undefined) return known
  const made = await undone(writer, async (transaction) => {
    await transaction.executeQuery(
      CompiledQuery.raw('create schema keyspan_blank; set local search_path to keyspan_blank'),
    )
    await migrateIn(transaction, migrations, 'keyspan_blank')
    return describeSchema(transaction)
  })
  blanks.set(migrations, made)
  return made
}

class Undone extends Error {}

async function undone<Schema, Result>(
  database: Kysely<Schema>,
  work: (transaction: Transaction<Schema>) => Promise<Result>,
): Promise<Result> {
  const made: Result[] = []
  try {
    await database.transaction().execute(async (transaction) => {
      made.push(await work(transaction))
      throw new Undone()
    })
  } catch (error) {
    if (!(error instanceof Undone)) throw error
  }
  const [result] = made
  if (result === undefined) throw new Error('INVARIANT: the work was done before it was undone')
  return result
}
