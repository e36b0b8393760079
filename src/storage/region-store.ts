import type { Region } from '../domain/region.ts'
import { migrate } from './sql/migrate.ts'
import { regionReads } from './sql/region-reads.ts'
import { REGION_MIGRATIONS, type RegionSchema } from './sql/region-schema.ts'
import { regionWrites, type Commit } from './sql/region-writes.ts'
import { openSqlite } from './sqlite.ts'
import type { RegionStore } from './store.ts'

/** Opens a Region's store in a SQLite file, and makes it where it is missing. */
export async function openRegionStore(path: string, region: Region): Promise<RegionStore> {
  const file = openSqlite<RegionSchema>(path)
  await migrate(file.writer, REGION_MIGRATIONS)
  const listeners: ((commit: Commit) => void)[] = []
  return {
    region,
    reads: regionReads(file.reader),
    async transaction(work) {
      const commit: Commit = { touched: [], said: [] }
      const result = await file.writer.transaction().execute((database) => work(regionWrites(database, commit)))
      for (const listener of listeners) listener(commit)
      return result
    },
    onCommit(listener) {
      listeners.push(listener)
    },
    close: () => file.close(),
  }
}
