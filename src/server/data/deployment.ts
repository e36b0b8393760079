import type { Keeping } from '../../storage/sqlite.ts'
import type { GlobalStore } from '../../storage/global-store.ts'
import { openGlobalStore, type GlobalOpening } from '../../storage/open-global-store.ts'
import { unwrapSecret, wrapSecret, type DomainKey, type RootKeyProvider } from '../../crypto/sealing/keyring.ts'
import type { SecretBox } from '../../kernel/global-host.ts'
import { requireRestored } from './backup.ts'
import { openAccounts, type Accounts } from './accounts.ts'
import { holdsDeployment, holdsKeys, type DataDirectory } from './data-directory.ts'
import { nameDamage } from './name-damage.ts'
import { passingRootKey } from './root-key.ts'
import { openRootKeyFile } from './root-key-file.ts'

/** What a deployment has that belongs to no Region. */
export interface Deployment {
  /** Made once, and bound into everything that is sealed. */
  readonly id: string
  readonly root: RootKeyProvider
  readonly keeping: Keeping
  readonly store: GlobalStore
  readonly secrets: SecretBox
  readonly accounts: Accounts
}

/** Opens the deployment in a data directory that this process has locked; an empty one gets a new deployment. */
export async function openDeployment(data: DataDirectory, now: number): Promise<Deployment> {
  requireRestored(data)
  const root = await openRootKeyFile({ path: data.rootKey, mayCreate: !holdsDeployment(data) })
  return openWith(root, data, now, 'durable')
}

/**
 * Begins, in an empty directory, a part of a deployment that there is already; what is begun already is opened.
 *
 * @param joined the deployment, and what the part keeps of it from the first moment on
 */
export async function beginJoinedDeployment(
  data: DataDirectory,
  now: number,
  joined: GlobalOpening['joined'],
): Promise<Deployment> {
  const root = await openRootKeyFile({ path: data.rootKey, mayCreate: !holdsDeployment(data) })
  return openWith(root, data, now, 'durable', joined)
}

/** Begins a deployment in an empty directory, which nobody can open once this process has ended. */
export function beginEphemeralDeployment(data: DataDirectory, now: number): Promise<Deployment> {
  return openWith(passingRootKey(), data, now, 'ephemeral')
}

async function openWith(
  root: RootKeyProvider,
  data: DataDirectory,
  now: number,
  keeping: Keeping,
  joined?: GlobalOpening['joined'],
): Promise<Deployment> {
  const opening = {
    root,
    now,
    mayBegin: () => !holdsKeys(data),
    keeping,
    ...(joined !== undefined && { joined }),
  }
  const store = await nameDamage(data.global, () => openGlobalStore(data.global, opening))
  const domainKey = store.domainKeys.at(-1)
  if (domainKey === undefined) throw new Error('INVARIANT: a deployment has a domain key')
  const secrets = secretBox(domainKey)
  return { id: store.deployment, root, keeping, store, secrets, accounts: openAccounts(store, secrets) }
}

function secretBox(domainKey: DomainKey): SecretBox {
  const label = 'kms/access-key/v1'
  return {
    seal: (id, secret) => wrapSecret(domainKey, label, id, secret),
    open: (id, sealed) => unwrapSecret(domainKey, label, id, sealed),
  }
}
