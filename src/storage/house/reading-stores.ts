import type { RootKeyProvider } from '../../crypto/sealing/keyring.ts'
import { PARTITION, type Region } from '../../domain/region.ts'
import { createCommitListeners } from './commit-listeners.ts'
import { readDomainKeys } from '../domain-keys.ts'
import type { GlobalStore } from '../global-store.ts'
import type { StoreOpener } from './store-house.ts'
import { claimedDeployment, type CommonSchema } from '../sql/common.ts'
import { globalReads } from '../sql/global-queries.ts'
import { GLOBAL_MIGRATIONS, type GlobalSchema } from '../sql/global-schema.ts'
import { regionReads } from '../sql/region-reads.ts'
import { REGION_MIGRATIONS, type RegionSchema } from '../sql/region-schema.ts'
import type { RegionCommit, RegionStore, Touched } from '../store.ts'
import type { StoreDatabase } from './store-database.ts'
import type { Migrations } from '../sql/blank.ts'

/** That a store cannot be read as it is: it is not made yet, or by another version. */
export class NotBegunError extends Error {}

/** A store that another process changes. */
export interface ReadingStore<Store, Heard> {
  readonly store: Store
  /** Tells whoever listens to commits that the other process has made one. */
  readonly heard: (commit: Heard) => void
}

/** What a store is read with. */
export interface Reading {
  readonly root: RootKeyProvider
  /** Null where it is not known yet. */
  readonly deployment: string | null
  /** What is thrown where somebody would change it. */
  readonly refuse: () => Error
}

/** Opens a Region's store to read it. @throws NotBegunError, or KeyringError where its domain keys do not open */
export async function openReadingRegion(
  open: StoreOpener,
  region: Region,
  reading: Reading,
): Promise<ReadingStore<RegionStore, readonly Touched[]>> {
  const { file, keys } = await openFile<RegionSchema>(open, REGION_MIGRATIONS, region, reading)
  const listeners = createCommitListeners<RegionCommit>()
  return {
    heard: (touched) => void listeners.tell({ touched, said: [], busy: [] }),
    store: {
      region,
      domainKeys: keys.domainKeys,
      reads: regionReads(file.reader, keys.seal),
      onCommit: listeners.add,
      ...unchanging(reading),
      get keyring(): never {
        throw reading.refuse()
      },
      close: () => file.close(),
    },
  }
}

/** Opens the global store to read it. @throws NotBegunError, or KeyringError where its domain keys do not open */
export async function openReadingGlobal(open: StoreOpener, reading: Reading): Promise<ReadingStore<GlobalStore, void>> {
  const { file, keys, deployment } = await openFile<GlobalSchema>(open, GLOBAL_MIGRATIONS, 'global', reading)
  const listeners = createCommitListeners<void>()
  return {
    heard: () => void listeners.tell(),
    store: {
      deployment,
      domainKeys: keys.domainKeys,
      reads: globalReads(file.reader, keys.seal),
      onCommit: listeners.add,
      ...unchanging(reading),
      get keyring(): never {
        throw reading.refuse()
      },
      close: () => file.close(),
    },
  }
}

async function openFile<Schema extends CommonSchema>(
  open: StoreOpener,
  migrations: Migrations,
  region: string,
  { root, deployment: expected }: Reading,
) {
  await using opened = new AsyncDisposableStack()
  const file: StoreDatabase<Schema> = opened.adopt(await open<Schema>(migrations, 'durable'), (each) => each.close())
  const deployment = await claimedDeployment(file.reader as never)
  if (deployment === null || (expected !== null && deployment !== expected)) {
    throw new NotBegunError(`The data of ${region} belongs to no deployment, or to another one.`)
  }
  const keys = await readDomainKeys(file, root, { deployment, partition: PARTITION, region })
  if (keys === null) throw new NotBegunError(`The data of ${region} has no domain keys of this version of Keyspan.`)
  opened.move()
  return { file, keys, deployment }
}

/** What only whoever changes a store has. */
function unchanging({ refuse }: Reading) {
  const never = () => {
    throw refuse()
  }
  return {
    changes: never,
    state: never,
    transaction: () => Promise.reject(refuse()),
    putMarks: () => Promise.reject(refuse()),
  }
}
