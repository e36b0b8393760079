import { type RootKeyProvider } from '../../crypto/sealing/keyring.ts'
import { ConfigError } from '../config/config-error.ts'
import type { RootConfig, RootKind } from '../config/root.ts'
import { holdsDeployment, type DataDirectory } from '../data/data-directory.ts'
import { openRootKeyFile } from '../data/root-key-file.ts'
import { openKmsRoot } from './aws-kms.ts'
import { readKeyringFile, writeKeyringFile, type KeyringFile } from './keyring-file.ts'
import { makePassphraseRoot, openPassphraseRoot, readPassphraseFile } from './passphrase.ts'
import { withStaged } from './staged-root.ts'

/** The root key of a data directory of whose root key no setting says anything. */
export async function openKeptRoot(data: DataDirectory): Promise<RootKeyProvider> {
  const nothing = { kind: null, passphraseFile: null, kms: { key: null, endpoint: null, credentials: null } }
  return (await lookAtRoot(data, nothing)).open(null)
}

/** What opens the root key of a data directory. */
export interface RootOpening {
  readonly kind: RootKind
  /** Whether nothing was ever wrapped here: a root key is made then. */
  readonly isNew: boolean
  /** Whether an operator has to give the passphrase. */
  readonly isSealed: boolean
  /**
   * Opens the root key.
   *
   * @param passphrase where it is sealed; the caller wipes it
   * @throws KeyringError or ConfigError
   */
  open(passphrase: Uint8Array | null): Promise<RootKeyProvider>
}

/**
 * Looks at what holds the root key of a data directory, and what settings say of it. Nothing is opened or made yet.
 *
 * @param isNew whether nothing was ever wrapped with it
 * @throws ConfigError where they do not agree, or KeyringError
 */
export async function lookAtRoot(
  data: DataDirectory,
  config: RootConfig,
  isNew = !holdsDeployment(data),
): Promise<RootOpening> {
  const { env } = process
  const found = await readKeyringFile(data)
  const kept: KeyringFile | null = isNew ? null : (found ?? { format: 1, holder: { provider: 'file' }, staged: {} })
  const kind = kindOf(data, config, kept)
  return {
    kind,
    isNew,
    isSealed: kind === 'passphrase' && config.passphraseFile === null,
    open: (passphrase) =>
      kept === null ? makeRoot(kind, data, config, passphrase, env) : openRoot(kept, data, config, passphrase, env),
  }
}

function kindOf(data: DataDirectory, { kind, passphraseFile, kms }: RootConfig, kept: KeyringFile | null): RootKind {
  if (kept === null) return kind ?? 'file'
  const { provider } = kept.holder
  const foreign =
    passphraseFile !== null && provider !== 'passphrase'
      ? 'passphrase-file'
      : kms.key !== null && provider !== 'aws-kms'
        ? 'root-kms-key'
        : null
  if ((kind === null || kind === provider) && foreign === null) return provider
  throw new ConfigError(
    `The root key of ${data.path} is held by the provider ${provider}, and ${foreign ?? 'root-key-provider'} says ` +
      `otherwise. Give --root-key-provider ${provider}, and what belongs to it. To move it, start the server so and run ` +
      `keyspan keyring rotate root --to ${kind ?? 'PROVIDER'}.`,
  )
}

async function makeRoot(
  kind: RootKind,
  data: DataDirectory,
  config: RootConfig,
  passphrase: Uint8Array | null,
  env: NodeJS.ProcessEnv,
): Promise<RootKeyProvider> {
  if (kind === 'file') {
    await writeKeyringFile(data, { holder: { provider: 'file' }, staged: {} })
    return openRootKeyFile({ path: data.rootKey, mayCreate: true })
  }
  if (kind === 'aws-kms') {
    const root = await openKmsRoot(config.kms, env, null)
    await writeKeyringFile(data, { holder: { provider: 'aws-kms', key: root.currentRef() }, staged: {} })
    return root
  }
  const { holder, root } = await withPassphrase(config, passphrase, makePassphraseRoot)
  await writeKeyringFile(data, { holder, staged: {} })
  return root
}

async function openRoot(
  { holder, staged }: KeyringFile,
  data: DataDirectory,
  config: RootConfig,
  passphrase: Uint8Array | null,
  env: NodeJS.ProcessEnv,
): Promise<RootKeyProvider> {
  switch (holder.provider) {
    case 'file':
      return withStaged(await openRootKeyFile({ path: data.rootKey, mayCreate: false }), staged)
    case 'aws-kms':
      return withStaged(await openKmsRoot(config.kms, env, holder.key), staged)
    case 'passphrase':
      return withStaged(await withPassphrase(config, passphrase, (given) => openPassphraseRoot(holder, given)), staged)
  }
}

/** Uses the passphrase that was given, or that of the file, which is wiped. */
async function withPassphrase<Result>(
  { passphraseFile }: RootConfig,
  given: Uint8Array | null,
  use: (passphrase: Uint8Array) => Promise<Result>,
): Promise<Result> {
  if (given !== null) return use(given)
  if (passphraseFile === null) throw new ConfigError('The root key is a passphrase. Give passphrase-file.')
  const passphrase = await readPassphraseFile(passphraseFile)
  try {
    return await use(passphrase)
  } finally {
    passphrase.fill(0)
  }
}
