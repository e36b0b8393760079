import pLimit, { type LimitFunction } from 'p-limit'
import type { StoreKeyring } from '../../storage/store-keyring.ts'
import type { Keeping } from '../../storage/sqlite.ts'
import type { StoreHouse } from '../../storage/house/store-house.ts'
import type { GlobalStore } from '../../storage/global-store.ts'
import { openGlobalStore, type GlobalOpening } from '../../storage/open-global-store.ts'
import { newestOf, requireSecret, wrapSecret, type RootKeyProvider } from '../../crypto/sealing/keyring.ts'
import { SECRET } from '../../storage/secret-labels.ts'
import { createReadyKeys, type ReadyKeys } from '../../kernel/keys/cache.ts'
import type { SecretBox } from '../../kernel/global-host.ts'
import { requireRestored } from './backup.ts'
import { openAccounts, type Accounts } from './accounts.ts'
import type { DataDirectory } from './data-directory.ts'
import { holdsKeys, keptIn, type Kept } from './kept.ts'
import { nameDamage } from './name-damage.ts'
import { passingRootKey } from './root-key.ts'
import { liveRoot, type LiveRoot } from '../trust/staged-root.ts'

/** What a deployment has that belongs to no Region. */
export interface Deployment {
  /** Made once, and bound into everything that is sealed. */
  readonly id: string
  /** Another can come in its place. */
  readonly root: LiveRoot
  /** Those of all databases that are open, by their places. */
  readonly keyrings: Map<string, StoreKeyring>
  /** Lets nobody open a database, or change its keys, while somebody else does. */
  readonly inTurn: LimitFunction
  readonly keeping: Keeping
  readonly stores: StoreHouse
  /** Tells its audit logs from those of other processes; empty where there are none. */
  readonly node: string
  /** Whether whoever has written the stores last had these logs as well. */
  readonly isOwnLog: boolean
  readonly store: GlobalStore
  readonly secrets: SecretBox
  readonly accounts: Accounts
  readonly readyKeys: ReadyKeys
}

/**
 * Opens the deployment of a data directory that this process has locked; an empty one gets a new deployment.
 *
 * @param kept where its stores are, if not in the directory
 */
export async function openDeployment(
  data: DataDirectory,
  root: RootKeyProvider,
  now: number,
  kept = keptIn(data),
): Promise<Deployment> {
  requireRestored(data)
  return openWith(root, data, now, 'durable', kept)
}

/**
 * Begins, in an empty directory, a part of a deployment that there is already; what is begun already is opened.
 *
 * @param joined the deployment, and what the part keeps of it from the first moment on
 */
export async function beginJoinedDeployment(
  data: DataDirectory,
  root: RootKeyProvider,
  now: number,
  joined: GlobalOpening['joined'],
): Promise<Deployment> {
  return openWith(root, data, now, 'durable', keptIn(data), joined)
}

/** Begins a deployment in an empty directory, which nobody can open once this process has ended. */
export function beginEphemeralDeployment(data: DataDirectory, now: number): Promise<Deployment> {
  return openWith(passingRootKey(), data, now, 'ephemeral', keptIn(data))
}

async function openWith(
  first: RootKeyProvider,
  data: DataDirectory,
  now: number,
  keeping: Keeping,
  { stores, node, isOwnLog }: Kept,
  joined?: GlobalOpening['joined'],
): Promise<Deployment> {
  const root = liveRoot(first)
  const opening = {
    root,
    now,
    mayBegin: async () => !(await holdsKeys(data, stores)),
    keeping,
    node,
    name: stores.nameOf('global'),
    ...(joined !== undefined && { joined }),
  }
  const where = stores.engine === 'sqlite' ? data.global : stores.opener('global')
  const store = await nameDamage(opening.name, () => openGlobalStore(where, opening))
  const secrets = secretBox(store)
  const keyrings = new Map([['global', store.keyring]])
  const accounts = openAccounts(store, secrets)
  return {
    id: store.deployment,
    root,
    keyrings,
    inTurn: pLimit(1),
    keeping,
    stores,
    node,
    isOwnLog,
    store,
    secrets,
    accounts,
    readyKeys: createReadyKeys(),
  }
}

function secretBox({ domainKeys }: GlobalStore): SecretBox {
  return {
    seal: (id, secret) => wrapSecret(newestOf(domainKeys), SECRET.accessKey, id, secret),
    open: (id, sealed) => requireSecret(domainKeys, SECRET.accessKey, id, sealed),
  }
}
