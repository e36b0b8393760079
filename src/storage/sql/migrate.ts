import type { Kysely } from 'kysely'
import { Migrator, type Migration } from 'kysely/migration'

/**
 * Brings a database to the newest schema.
 *
 * Migrations are numbered by name and only ever added; each runs once, in a transaction.
 */
export async function migrate<Schema>(
  database: Kysely<Schema>,
  migrations: Readonly<Record<string, Migration>>,
): Promise<void> {
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => ({ ...migrations }) } })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
}
