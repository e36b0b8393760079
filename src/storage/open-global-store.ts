import { randomUUID } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { KeyringError, type RootKeyProvider } from '../crypto/sealing/keyring.ts'
import { PARTITION } from '../domain/region.ts'
import { hasDomainKeys, openDomainKeys } from './domain-keys.ts'
import { claimedDeployment } from './sql/common.ts'
import { globalReads, globalWrites } from './sql/global-queries.ts'
import { GLOBAL_MIGRATIONS, GLOBAL_TABLES, type GlobalSchema } from './sql/global-schema.ts'
import type { Keeping } from './sqlite.ts'
import { globalStoreFor } from './house/own-names.ts'
import { fileOpener } from './house/sqlite-house.ts'
import type { StoreOpener } from './house/store-house.ts'
import { openStoreKeyring } from './open-store-keyring.ts'
import { openStoreState } from './store-state.ts'
import type { GlobalStore } from './global-store.ts'

/** What the global store is opened with. */
export interface GlobalOpening {
  readonly root: RootKeyProvider
  readonly now: number
  /** Whether a new deployment may begin: not where there are keys of one already. */
  readonly mayBegin: () => boolean | Promise<boolean>
  /** The deployment that a new one belongs to, and what it keeps of it; absent for a deployment of its own. */
  readonly joined?: { readonly deployment: string; readonly marks: ReadonlyMap<string, string> }
  /** Durable unless told otherwise. */
  readonly keeping?: Keeping
  /** The process, where several serve one deployment. */
  readonly node?: string
  /** What an operator knows the store by. */
  readonly name?: string
}

function missing(name: string): KeyringError {
  return new KeyringError(
    `${name} is missing or empty, and the Regions beside it have keys. Put back all of one backup: keyspan restore.`,
  )
}

/**
 * Opens the global store, and makes it where it is missing: then it begins a new deployment.
 *
 * @param where a file of SQLite, or what opens another database
 * @throws KeyringError where its domain keys do not open
 */
export async function openGlobalStore(
  where: string | StoreOpener,
  { root, now, mayBegin, joined, keeping = 'durable', node = '', name = String(where) }: GlobalOpening,
): Promise<GlobalStore> {
  const isFile = typeof where === 'string'
  if (isFile && !(existsSync(where) && statSync(where).size > 0) && !(await mayBegin())) throw missing(name)
  await using opened = new AsyncDisposableStack()
  const open = isFile ? fileOpener(where) : where
  const file = opened.adopt(await open<GlobalSchema>(GLOBAL_MIGRATIONS, keeping), (each) => each.close())
  const deployment = (await claimedDeployment(file.reader)) ?? joined?.deployment ?? randomUUID()
  const place = { deployment, partition: PARTITION, region: 'global' }
  if (!(await hasDomainKeys(file)) && !(await mayBegin())) throw missing(name)
  const keys = await openDomainKeys(file, GLOBAL_TABLES, root, place, now, joined?.marks)
  const { domainKeys, seal } = keys
  const reads = globalReads(file.reader, seal)
  const state = await openStoreState(file, reads, keys, GLOBAL_TABLES, place.region, keeping)
  const listeners: (() => void)[] = []
  const files = opened.move()
  const store: GlobalStore = {
    deployment,
    domainKeys,
    keyring: openStoreKeyring({ file, keys, state, tables: GLOBAL_TABLES, place }),
    reads,
    changes: state.changes,
    state: state.commitment,
    async transaction(work) {
      const result = await state.write((database, change) => work(globalWrites(database, seal, change)), true)
      for (const listener of listeners) listener()
      return result
    },
    onCommit(listener) {
      listeners.push(listener)
    },
    putMarks: (marks) =>
      state.write(async (database, change) => {
        const { putMeta } = globalWrites(database, seal, change)
        for (const [name, value] of marks) await putMeta(name, value)
      }, false),
    close: () => files.disposeAsync(),
  }
  return globalStoreFor(store, node)
}
