import type { DatabaseConfig } from '../config/database.ts'
import type { DataDirectory } from './data-directory.ts'
import { keptIn, type Kept } from './kept.ts'

/** The stores of a deployment that no server serves meanwhile. */
export interface KeptOffline extends AsyncDisposable {
  readonly kept: Kept
}

/**
 * The stores for a command that runs while no server does: those in files, or those of the database that is named.
 *
 * @throws DataDirectoryError where they are not what there is, or somebody serves the database
 */
export async function keptOffline(data: DataDirectory, database: DatabaseConfig | null): Promise<KeptOffline> {
  if (database === null) return { kept: keptIn(data), [Symbol.asyncDispose]: async () => {} }
  const { takePostgres } = await import('./postgres-kept.ts')
  const kept = await takePostgres(database, data)
  return { kept, [Symbol.asyncDispose]: () => kept.close() }
}
