import { sql, type Kysely } from 'kysely'
import { Migrator, type Migration } from 'kysely/migration'

/**
 * Brings a database to the newest schema.
 *
 * Migrations are numbered by name and only ever added; each runs once. All that are due run in one transaction, with
 * the tables in which Kysely keeps account of them: a database is of the old schema or of the new one.
 */
export async function migrate<Schema>(
  database: Kysely<Schema>,
  migrations: Readonly<Record<string, Migration>>,
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    if (!(await holdsAnything(transaction))) await clear(transaction)
    const provider = { getMigrations: async () => ({ ...migrations }) }
    const { error } = await new Migrator({ db: transaction, provider }).migrateToLatest()
    if (error !== undefined) throw error
  })
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

async function tablesOf<Schema>(database: Kysely<Schema>): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape '\\'`.execute(database)
  return rows.map(({ name }) => name)
}
