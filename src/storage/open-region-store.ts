import type { RootKeyProvider } from '../crypto/sealing/keyring.ts'
import { PARTITION, type Region } from '../domain/region.ts'
import { createCommitListeners } from './house/commit-listeners.ts'
import { openDomainKeys } from './domain-keys.ts'
import { claimedDeployment } from './sql/common.ts'
import { regionReads } from './sql/region-reads.ts'
import { REGION_MIGRATIONS, REGION_TABLES, type RegionSchema } from './sql/region-schema.ts'
import { regionWrites, type Commit } from './sql/region-writes.ts'
import type { Keeping } from './sqlite.ts'
import { regionStoreFor } from './house/own-names.ts'
import { fileOpener } from './house/sqlite-house.ts'
import type { StoreOpener } from './house/store-house.ts'
import { openStoreKeyring } from './open-store-keyring.ts'
import { openStoreState } from './store-state.ts'
import type { RegionStore } from './store.ts'

/** What a Region's store is opened with. */
export interface RegionOpening {
  readonly root: RootKeyProvider
  readonly deployment: string
  readonly now: number
  /** Durable unless told otherwise. */
  readonly keeping?: Keeping
  /** The process, where several serve one Region. */
  readonly node?: string
}

/** A store that belongs to another deployment. */
export class OwnerError extends Error {}

/**
 * Opens a Region's store, and makes it where it is missing.
 *
 * @param where a file of SQLite, or what opens another database
 * @throws OwnerError, or KeyringError where its domain keys do not open
 */
export async function openRegionStore(
  where: string | StoreOpener,
  region: Region,
  { root, deployment, now, keeping = 'durable', node = '' }: RegionOpening,
): Promise<RegionStore> {
  await using opened = new AsyncDisposableStack()
  const open = typeof where === 'string' ? fileOpener(where) : where
  const file = opened.adopt(await open<RegionSchema>(REGION_MIGRATIONS, keeping), (each) => each.close())
  const owner = await claimedDeployment(file.reader)
  if (owner !== null && owner !== deployment) {
    throw new OwnerError(
      `The data of ${region} belongs to deployment ${owner}, not to ${deployment} of this directory. ` +
        'Put back the files that belong together.',
    )
  }
  const place = { deployment, partition: PARTITION, region }
  const keys = await openDomainKeys(file, REGION_TABLES, root, place, now)
  const { domainKeys, seal } = keys
  const reads = regionReads(file.reader, seal)
  const state = await openStoreState(file, reads, keys, REGION_TABLES, region, keeping)
  const listeners = createCommitListeners<Commit>()
  const files = opened.move()
  const store: RegionStore = {
    region,
    domainKeys,
    keyring: openStoreKeyring({ file, keys, state, tables: REGION_TABLES, place }),
    reads,
    changes: state.changes,
    state: state.commitment,
    async transaction(work, isSynced) {
      const commit: Commit = { touched: [], said: [], busy: [] }
      const result = await state.write((database) => work(regionWrites(database, seal, commit)), true, isSynced)
      const told = listeners.tell(commit)
      if (told !== null) await told
      return result
    },
    onCommit: listeners.add,
    putMarks: (marks) =>
      state.write(async (database) => {
        const { putMeta } = regionWrites(database, seal, { touched: [], said: [], busy: [] })
        for (const [name, value] of marks) await putMeta(name, value)
      }, false),
    close: () => files.disposeAsync(),
  }
  return regionStoreFor(store, node)
}
