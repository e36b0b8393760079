import { readDomainKeyRows } from '../../storage/domain-key-rows.ts'
import type { DatabaseConfig } from '../config/database.ts'
import { DataDirectoryError, holdsDeployment, lockDataDirectory, type DataDirectory } from './data-directory.ts'
import { keptIn, requireNoFiles, type Kept } from './kept.ts'

/** The stores of a deployment, as a command finds them. */
export interface FoundStores extends Kept, AsyncDisposable {
  /** Whether nothing was ever kept in them: then a root key may be made. */
  readonly isNew: boolean
}

/**
 * Finds stores to look at, whoever may serve them meanwhile.
 *
 * @param database null where they are files of the data directory
 * @throws DataDirectoryError where they are elsewhere, or hold nothing
 */
export async function lookAtStores(data: DataDirectory, database: DatabaseConfig | null): Promise<FoundStores> {
  if (database === null) return requireData(data, { ...keptIn(data), isNew: !holdsDeployment(data), ...OPEN })
  requireNoFiles(data)
  const { lookAtPostgres } = await import('./postgres-kept.ts')
  const kept = await lookAtPostgres(database, data)
  return requireData(data, await found(kept))
}

/**
 * Takes stores, and the data directory, for a command that changes something: nobody may serve them meanwhile.
 *
 * @param database null where they are files of the data directory
 * @param mayBegin whether they may be new
 * @throws DataDirectoryError where they are elsewhere, others use them, or they hold nothing
 */
export async function takeStores(
  data: DataDirectory,
  database: DatabaseConfig | null,
  mayBegin = false,
): Promise<FoundStores> {
  await using opened = new AsyncDisposableStack()
  const isNew = !holdsDeployment(data)
  // Nothing is made in a directory that was named by mistake.
  if (database === null && !mayBegin) await requireData(data, { ...keptIn(data), isNew, ...OPEN })
  opened.use(await lockDataDirectory(data))
  const stores = database === null ? { ...keptIn(data), isNew, ...OPEN } : await take(data, database)
  opened.use(stores)
  if (!mayBegin) await requireData(data, stores)
  const taken = opened.move()
  return { ...stores, [Symbol.asyncDispose]: () => taken.disposeAsync() }
}

/** There is nothing to be closed. */
const OPEN = { [Symbol.asyncDispose]: async () => {} }

async function take(data: DataDirectory, database: DatabaseConfig): Promise<FoundStores> {
  requireNoFiles(data)
  const { takePostgres } = await import('./postgres-kept.ts')
  return found(await takePostgres(database, data))
}

async function found(kept: Kept & { readonly close: () => Promise<void> }): Promise<FoundStores> {
  try {
    const isNew = (await readDomainKeyRows(kept.stores, 'global')).length === 0
    return { ...kept, isNew, [Symbol.asyncDispose]: () => kept.close() }
  } catch (error) {
    await kept.close()
    throw error
  }
}

async function requireData(data: DataDirectory, stores: FoundStores): Promise<FoundStores> {
  if (!stores.isNew) return stores
  await stores[Symbol.asyncDispose]()
  throw new DataDirectoryError(
    stores.stores.engine === 'sqlite'
      ? `${data.path} holds no data. Give --data.`
      : `${stores.stores.nameOf('global')} holds no data of Keyspan. Give --database another, or start a server with it.`,
  )
}
