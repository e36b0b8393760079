import { type RootKeyProvider } from '../../crypto/sealing/keyring.ts'
import { ConfigError } from '../config/config-error.ts'
import { NO_ROOT_SETTINGS, type RootConfig, type RootKind } from '../config/root.ts'
import { holdsDeployment, type DataDirectory } from '../data/data-directory.ts'
import { openRootKeyFile } from '../data/root-key-file.ts'
import { openKmsRoot } from './aws-kms.ts'
import { readKeyringFile, writeKeyringFile, type KeyringFile } from './keyring-file.ts'
import { openHsmRoot, placeOfHsm } from './pkcs11.ts'
import { makePassphraseRoot, openPassphraseRoot, readPassphraseFile } from './passphrase.ts'
import { withStaged } from './staged-root.ts'

/** The root key of a data directory of whose root key no setting says anything. */
export async function openKeptRoot(data: DataDirectory): Promise<RootKeyProvider> {
  return (await lookAtRoot(data, NO_ROOT_SETTINGS)).open(null)
}

/** What opens the root key of a data directory. */
export interface RootOpening {
  readonly kind: RootKind
  /** Whether nothing was ever wrapped here: a root key is made then. */
  readonly isNew: boolean
  /** Whether an operator has to give the passphrase, or the PIN. */
  readonly isSealed: boolean
  /**
   * Opens the root key.
   *
   * @param passphrase where it is sealed, or the PIN; the caller wipes it
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
  // A secret that opens nothing is asked of nobody.
  if (kind === 'pkcs11') placeOfHsm(config.hsm)
  return {
    kind,
    isNew,
    isSealed: isAskedFor(kind) && secretFileOf(kind, config) === null,
    open: (passphrase) =>
      kept === null ? makeRoot(kind, data, config, passphrase, env) : openRoot(kept, data, config, passphrase, env),
  }
}

/** Whether somebody has to give something, or a file that has it. */
function isAskedFor(kind: RootKind): kind is 'passphrase' | 'pkcs11' {
  return kind === 'passphrase' || kind === 'pkcs11'
}

function secretFileOf(kind: 'passphrase' | 'pkcs11', { passphraseFile, hsm }: RootConfig): string | null {
  return kind === 'passphrase' ? passphraseFile : hsm.pinFile
}

function kindOf(data: DataDirectory, config: RootConfig, kept: KeyringFile | null): RootKind {
  const { kind, passphraseFile, kms, hsm } = config
  if (kept === null) return kind ?? 'file'
  const { provider } = kept.holder
  const foreign =
    passphraseFile !== null && provider !== 'passphrase'
      ? 'passphrase-file'
      : kms.key !== null && provider !== 'aws-kms'
        ? 'root-kms-key'
        : hsm.module !== null && provider !== 'pkcs11'
          ? 'root-hsm-module'
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
  if (kind === 'pkcs11') {
    const root = await withSecret(kind, config, passphrase, (pin) => openHsmRoot(config.hsm, pin, null))
    await writeKeyringFile(data, { holder: { provider: 'pkcs11', key: root.currentRef() }, staged: {} })
    return root
  }
  const { holder, root } = await withSecret(kind, config, passphrase, makePassphraseRoot)
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
      return withStaged(
        await withSecret('passphrase', config, passphrase, (given) => openPassphraseRoot(holder, given)),
        staged,
      )
    case 'pkcs11':
      return withStaged(
        await withSecret('pkcs11', config, passphrase, (pin) => openHsmRoot(config.hsm, pin, holder.key)),
        staged,
      )
  }
}

/** Uses the passphrase or the PIN that was given, or that of the file, which is wiped. */
async function withSecret<Result>(
  kind: 'passphrase' | 'pkcs11',
  config: RootConfig,
  given: Uint8Array | null,
  use: (secret: Uint8Array) => Promise<Result>,
): Promise<Result> {
  if (given !== null) return use(given)
  const file = secretFileOf(kind, config)
  if (file === null) {
    throw new ConfigError(
      kind === 'passphrase'
        ? 'The root key is a passphrase. Give passphrase-file.'
        : 'The root key is in an HSM. Give root-hsm-pin-file.',
    )
  }
  const secret = await readPassphraseFile(file, kind === 'passphrase' ? 'passphrase' : 'PIN')
  try {
    return await use(secret)
  } finally {
    secret.fill(0)
  }
}
