import { RowError } from '../row-seal.ts'
import { openSqlite, type Keeping } from '../sqlite.ts'
import type { StoreDatabase } from '../house/store-database.ts'
import { blankOf, type Migrations } from './blank.ts'
import { describeSchema, migrationsOf, requireNoneNewer } from './describe-schema.ts'
import { migrate } from './migrate.ts'

/**
 * Opens a database, brings it to the newest schema, and makes it where it is missing.
 *
 * It has the tables, columns and indexes that its migrations make, and nothing else: no MAC tells of a column that was
 * renamed, nor of a trigger that changes what this server writes.
 *
 * @throws RowError
 */
export async function openDatabase<Schema>(
  path: string,
  migrations: Migrations,
  keeping: Keeping,
): Promise<StoreDatabase<Schema>> {
  await using opened = new AsyncDisposableStack()
  const blank = await blankOf(migrations)
  const file = opened.adopt(openSqlite<Schema>(path, keeping, blank.file), (each) => each.close())
  const isNewest = async () => (await describeSchema(file.writer)) === blank.schema
  const had = await migrationsOf(file.writer)
  requireNoneNewer(had, migrations)
  if (had.length !== Object.keys(migrations).length || !(await isNewest())) {
    await migrate(file.writer, migrations)
    if (!(await isNewest())) {
      throw new RowError(
        'The tables of a database are not as this server has made them: its file was changed or is damaged. Restore a backup.',
      )
    }
  }
  opened.move()
  return file
}
