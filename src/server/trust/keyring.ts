import { isRetired, type RootKeyProvider } from '../../crypto/sealing/keyring.ts'
import type { Logger } from 'pino'
import { PARTITION, type Region } from '../../domain/region.ts'
import type { DeploymentEvent } from '../../kernel/audit.ts'
import { readDomainKeyRows } from '../../storage/domain-key-rows.ts'
import { openRegionStore } from '../../storage/open-region-store.ts'
import type { StoreKeyring } from '../../storage/store-keyring.ts'
import type { RootConfig, RootHsmConfig, RootKmsConfig } from '../config/root.ts'
import type { DataDirectory } from '../data/data-directory.ts'
import type { Deployment } from '../data/deployment.ts'
import { addRootKey } from '../data/root-key-file.ts'
import { openKmsRoot } from './aws-kms.ts'
import { readKeyringFile, writeKeyringFile, type KeptHolder, type Staged } from './keyring-file.ts'
import { forgetFormerRoots } from './forget-roots.ts'
import { openHsmRoot } from './pkcs11.ts'
import { makePassphraseRoot } from './passphrase.ts'
import { stagedName, withStaged } from './staged-root.ts'

/** To what the root key goes over. */
export type RootTarget =
  | { readonly to: 'file' }
  | { readonly to: 'passphrase'; readonly passphrase: Uint8Array }
  | { readonly to: 'aws-kms'; readonly kms: RootKmsConfig }
  | { readonly to: 'pkcs11'; readonly hsm: RootHsmConfig; readonly pin: Uint8Array }

/** Changes the keys of a deployment while it serves. */
export interface Keyring {
  readonly kind: () => RootConfig['kind']
  /** Wraps every domain key with another root key. Gives a sentence. */
  rotateRoot(target: RootTarget): Promise<string>
  /** Makes another domain key in every database; what rests under the old ones is sealed anew in the background. */
  rotateDomainKeys(): Promise<string>
  /** Takes former root keys out of the file. Gives their names. */
  forgetRoots(isAgreed: boolean): Promise<readonly string[]>
  /** Lets the step that is under way end. */
  stop(): Promise<void>
}

/** What a keyring belongs to. */
export interface KeyringPlace {
  readonly data: DataDirectory
  readonly deployment: Deployment
  readonly now: () => number
  /** Writes the record of what an operator did. */
  readonly record: (
    eventName: DeploymentEvent['eventName'],
    requestParameters: Readonly<Record<string, unknown>>,
  ) => Promise<void>
  /** Works while no other process reads by the keys that there are. */
  readonly alone: <Result>(work: () => Promise<Result>) => Promise<Result>
  readonly log: Logger
}

/** The keyring of a deployment that is open. What a kill has cut off is gone on with at once. */
export async function openKeyring(place: KeyringPlace): Promise<Keyring> {
  const { deployment, now } = place
  const ending = new AbortController()
  await deployment.inTurn(() => settleRoot(place))
  let renewing = Promise.resolve()
  const renew = () => {
    renewing = renewing
      .then(() => renewAll(place, ending.signal))
      .catch((error: unknown) => {
        place.log.error({ err: error }, 'what rests under former domain keys is not sealed anew')
      })
  }
  renew()
  return {
    kind: () => deployment.root.kind as RootConfig['kind'],
    rotateRoot: (target) => deployment.inTurn(() => moveRoot(place, target)),
    forgetRoots: (isAgreed) =>
      deployment.inTurn(async () => {
        const forgotten = await forgetFormerRoots(place.data, deployment, isAgreed)
        if (forgotten.length > 0) await place.record('ForgetRootKeys', { rootKeys: forgotten })
        return forgotten
      }),
    rotateDomainKeys: () =>
      deployment.inTurn(async () => {
        const places = await placesOf(place)
        await place.alone(async () => {
          for (const each of places) await withKeyring(place, each, (keyring) => keyring.add(deployment.root, now()))
        })
        await place.record('RotateDomainKeys', { places })
        renew()
        return (
          `${places.length} databases have another domain key. What rests under the former ones is sealed anew in the ` +
          'background: keyspan keyring status'
        )
      }),
    async stop() {
      ending.abort()
      await renewing
    },
  }
}

/** The places of all databases that there are, be they open or not. */
async function placesOf({ deployment: { stores } }: KeyringPlace): Promise<readonly string[]> {
  const begun: string[] = []
  for (const place of await stores.places()) if ((await readDomainKeyRows(stores, place)).length > 0) begun.push(place)
  return begun
}

/** Works on the keyring of a database: that of who has it open, or its own for as long as it takes. */
async function withKeyring<Result>(
  { deployment, now }: KeyringPlace,
  place: string,
  work: (keyring: StoreKeyring) => Promise<Result>,
): Promise<Result> {
  const open = deployment.keyrings.get(place)
  if (open !== undefined) return work(open)
  const region: Region = place
  const opening = { root: deployment.root, deployment: deployment.id, now: now() }
  const store = await openRegionStore(deployment.stores.opener(region), region, opening)
  try {
    return await work(store.keyring)
  } finally {
    await store.close()
  }
}

/**
 * Goes over to another root key.
 *
 * All domain keys are wrapped with it first, beside the databases. Then one file says that it is the root key: before
 * that, everything opens with the former one alone; from then on with the new one alone. What is left is to write into
 * the databases what is there already.
 */
async function moveRoot(place: KeyringPlace, target: RootTarget): Promise<string> {
  const { data, deployment } = place
  if ((await readKeyringFile(data))?.staged !== undefined) await settleRoot(place)
  const former = deployment.root.kind
  const { root, holder } = await openTarget(data, target, deployment.root)
  const staged = await stage(place, root)
  await writeKeyringFile(data, { holder, staged })
  deployment.root.replace(withStaged(root, staged))
  await place.record('RotateRootKey', { from: former, to: root.kind, rootKey: root.currentRef() })
  // Who reads beside this process begins anew, and finds out now whether it has that root key.
  await place.alone(async () => {
    for (const each of await placesOf(place))
      await withKeyring(place, each, (keyring) => keyring.rewrap(deployment.root))
  })
  await writeKeyringFile(data, { holder, staged: {} })
  deployment.root.replace(root)
  const others = deployment.node === '' ? '' : ` ${othersAdvice(data, root.kind)}`
  return `Every domain key is under the root key ${root.currentRef()} now. ${adviceOf(former, target, data)}${others}`
}

async function openTarget(
  data: DataDirectory,
  target: RootTarget,
  former: RootKeyProvider,
): Promise<{ readonly root: RootKeyProvider; readonly holder: KeptHolder }> {
  switch (target.to) {
    case 'file':
      return { root: await addRootKey(data.rootKey), holder: { provider: 'file' } }
    case 'passphrase':
      return makePassphraseRoot(target.passphrase)
    case 'aws-kms': {
      const root = await openKmsRoot(target.kms, process.env, null)
      return { root, holder: { provider: 'aws-kms', key: root.currentRef() } }
    }
    case 'pkcs11': {
      const root = await openHsmRoot(target.hsm, target.pin, null, former.currentRef())
      return { root, holder: { provider: 'pkcs11', key: root.currentRef() } }
    }
  }
}

function adviceOf(former: string, target: RootTarget, { rootKey }: DataDirectory): string {
  const left =
    former === 'file'
      ? ` The former root key is still in ${rootKey}: it opens backups that were taken before now, and nothing else.`
      : ' Backups that were taken before now still need what held the root key then.'
  if (target.to === 'file') return `Keep a copy of ${rootKey} in another place.${left}`
  if (target.to === 'passphrase') return `The server starts sealed from now on, unless passphrase-file is given.${left}`
  if (target.to === 'pkcs11') {
    const { module, token } = target.hsm
    return (
      `Start the server from now on with --root-key-provider pkcs11 --root-hsm-module ${module} --root-hsm-token ` +
      `${token}; it starts sealed, unless root-hsm-pin-file is given.${left}`
    )
  }
  const { key, endpoint, credentials } = target.kms
  const where = [
    endpoint === null ? '' : ` --root-kms-endpoint ${endpoint.origin}`,
    credentials === null ? '' : ` --root-kms-credentials ${credentials}`,
  ].join('')
  return `Start the server from now on with --root-key-provider aws-kms --root-kms-key ${key}${where}.${left}`
}

/** What is to be done for other processes of the same database. */
function othersAdvice({ keyring, rootKey }: DataDirectory, kind: string): string {
  const files = kind === 'file' ? `${rootKey} and ${keyring}` : keyring
  return (
    `Other processes that serve the same database need it too: copy ${files} to theirs. One that runs finds it there by ` +
    'itself, and passes everything on until then.'
  )
}

/** Every domain key as the new root key wraps it, by what that replaces. */
async function stage({ deployment }: KeyringPlace, root: RootKeyProvider): Promise<Staged> {
  const staged: Staged = {}
  const { stores } = deployment
  for (const region of await stores.places()) {
    for (const { version, format, rootRef, wrapped } of await readDomainKeyRows(stores, region)) {
      const about = { deployment: deployment.id, partition: PARTITION, region, version, format }
      const bytes = await deployment.root.unwrap({ ref: rootRef, blob: wrapped }, about)
      try {
        staged[stagedName(wrapped)] = await root.wrap(bytes, about)
      } finally {
        bytes.fill(0)
      }
    }
  }
  return staged
}

/** Ends what a kill has cut off: databases that nobody serves are still to be written. */
async function settleRoot(place: KeyringPlace): Promise<void> {
  const kept = await readKeyringFile(place.data)
  if (kept === null || Object.keys(kept.staged).length === 0) return
  const { root } = place.deployment
  await place.record('RotateRootKey', { to: root.kind, rootKey: root.currentRef(), isGoneOnWith: true })
  for (const each of await placesOf(place)) await withKeyring(place, each, (keyring) => keyring.rewrap(root))
  await writeKeyringFile(place.data, { holder: kept.holder, staged: {} })
}

/** Seals anew, database by database, what rests under former domain keys. */
async function renewAll(place: KeyringPlace, signal: AbortSignal): Promise<void> {
  const { deployment, log } = place
  for (const each of await placesOf(place)) {
    if (signal.aborted) return
    if (!(await isDue(place, each))) continue
    const renew = async (keyring: StoreKeyring) => {
      const { isClean, damaged } = await keyring.renew(signal)
      for (const text of damaged) log.error({ place: each }, text)
      return isClean
    }
    const open = deployment.keyrings.get(each)
    if (open === undefined) {
      // Nobody else may open it meanwhile.
      const all = async (keyring: StoreKeyring) =>
        (await renew(keyring)) ? place.alone(() => keyring.retire(deployment.root)) : undefined
      await deployment.inTurn(() => withKeyring(place, each, all))
    } else if (await renew(open)) {
      // No root key may change between what is wrapped and what is written.
      await deployment.inTurn(() => place.alone(() => open.retire(deployment.root)))
    }
  }
}

async function isDue({ deployment }: KeyringPlace, place: string): Promise<boolean> {
  const open = deployment.keyrings.get(place)
  if (open !== undefined) return open.isDue()
  const rows = await readDomainKeyRows(deployment.stores, place)
  return rows.slice(0, -1).some((row) => !isRetired(row))
}
