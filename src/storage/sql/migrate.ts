import { sql, type Kysely, type Transaction } from 'kysely'
import { Migrator, type Migration } from 'kysely/migration'
import { tablesOf } from './describe-schema.ts'
import { dialectOf } from './dialect.ts'

/**
 * Brings a database to the newest schema.
 *
 * Migrations are numbered by name and only ever added; each runs once. All that are due run in one transaction, with
 * the tables in which Kysely keeps account of them: a database is of the old schema or of the new one.
 */
export function migrate<Schema>(
  database: Kysely<Schema>,
  migrations: Readonly<Record<string, Migration>>,
): Promise<void> {
  return database.transaction().execute((transaction) => migrateIn(transaction, migrations))
}

/**
 * The same, in a transaction that is under way.
 *
 * @param schema where the tables are, in a database that has many
 */
export async function migrateIn<Schema>(
  transaction: Transaction<Schema>,
  migrations: Readonly<Record<string, Migration>>,
  schema?: string,
): Promise<void> {
  // Only SQLite has seen migrations that were not in a transaction.
  if (dialectOf(transaction).name === 'sqlite' && !(await holdsAnything(transaction))) await clear(transaction)
  const provider = { getMigrations: async () => ({ ...migrations }) }
  const place = schema === undefined ? {} : { migrationTableSchema: schema }
  const { error } = await new Migrator({ db: transaction, provider, ...place }).migrateToLatest()
  if (error !== undefined) throw error
}

/**
 * Says whether there is a row in any table. Where there is none nothing was ever kept, and the tables may be what a
 * start that was killed has left of a migration that was not in a transaction.
 */
async function holdsAnything<Schema>(database: Kysely<Schema>): Promise<boolean> {
  for (const table of await tablesOf(database)) {
    if (table.startsWith('kysely_')) continue
    const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(database)
    if (rows.length > 0) return true
  }
  return false
}

async function clear<Schema>(database: Kysely<Schema>): Promise<void> {
  for (const table of await tablesOf(database)) await sql`drop table ${sql.table(table)}`.execute(database)
}
