/**
 * The keys at rest: a root key wraps a Region's domain key, and a domain key wraps materials and other secrets, each
 * under a key of its own that is derived from it. What is wrapped is bound to the place where it belongs, so that rows
 * that are swapped, copied elsewhere or changed do not open.
 */
import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto'
import { lengthPrefixed } from '../canonical.ts'
import { deriveKey } from '../kdf.ts'
import { hasMaterialId, scopeArn } from '../material.ts'
import { randomIv, randomSecret } from '../random.ts'
import { IV_BYTES, open, seal, TAG_BYTES } from './symmetric.ts'

const KEY_BYTES = 32
const SALT_BYTES = 16
const CHECK_BYTES = 8
/** The formats of domain keys. Each is bound into what is wrapped: nobody without the root key can change it. */
const FORMATS = { current: 2, retired: 3 } as const

/** Something that is wrapped and does not open. Its message says what was lost or changed, and what to do. */
export class KeyringError extends Error {}

/** What a root key has wrapped, and the name of that root key. */
export interface RootWrapped {
  readonly ref: string
  readonly blob: Buffer
}

/** What holds the root key: a file, a passphrase, or a machine that never gives it out. */
export interface RootKeyProvider {
  readonly kind: string
  /** The name of the root key that wraps now. */
  currentRef(): string
  /** On which deployments it depends, as far as they have said so; absent where on none. */
  readonly roots?: () => readonly string[]
  /** @throws KeyringError where it cannot be reached */
  wrap(plaintext: Uint8Array, about: DomainKeyAbout): Promise<RootWrapped>
  /** @throws KeyringError where the root key of that name is missing, or the blob is not authentic */
  unwrap(wrapped: RootWrapped, about: DomainKeyAbout): Promise<Buffer>
}

/** Where a domain key belongs. */
export interface Place {
  readonly deployment: string
  readonly partition: string
  readonly region: string
}

/** Everything that a domain key is bound to at rest. */
export interface DomainKeyAbout extends Place {
  readonly version: number
  readonly format: number
}

/** A domain key in use. */
export interface DomainKey {
  readonly version: number
  readonly key: KeyObject
  /** Nothing rests under it any more: it opens what was handed out, and no row is believed by it. */
  readonly isRetired?: boolean
}

/** The domain key in use of these, which are in the order of their versions. */
export function newestOf(domainKeys: readonly DomainKey[]): DomainKey {
  const newest = domainKeys.at(-1)
  if (newest === undefined) throw new Error('INVARIANT: a database has a domain key')
  return newest
}

/** A domain key at rest. `kcv` tells at once whether the right key came out. */
export interface WrappedDomainKey {
  readonly version: number
  /** 1 where the rows beside it may be without a MAC, 2 where none is, 3 where no row is believed by it. */
  readonly format: number
  readonly rootRef: string
  readonly wrapped: Buffer
  readonly kcv: Buffer
}

/** Makes a domain key, in use and at rest. */
export async function createDomainKey(
  root: RootKeyProvider,
  place: Place,
  version: number,
): Promise<WrappedDomainKey & DomainKey> {
  const bytes = randomSecret(KEY_BYTES)
  const key = createSecretKey(bytes)
  bytes.fill(0)
  return { ...(await wrapDomainKey(root, place, { version, key })), key }
}

/** Wraps a domain key in the newest format. */
export async function wrapDomainKey(
  root: RootKeyProvider,
  place: Place,
  { version, key, isRetired = false }: DomainKey,
): Promise<WrappedDomainKey> {
  const format = isRetired ? FORMATS.retired : FORMATS.current
  const bytes = key.export()
  try {
    const { ref, blob } = await root.wrap(bytes, { ...place, version, format })
    return { version, format, rootRef: ref, wrapped: blob, kcv: checkValue(key) }
  } finally {
    bytes.fill(0)
  }
}

/**
 * Opens a domain key.
 *
 * @throws KeyringError
 */
export async function openDomainKey(root: RootKeyProvider, place: Place, row: WrappedDomainKey): Promise<DomainKey> {
  const { version, format, rootRef, wrapped } = row
  const bytes = await root.unwrap({ ref: rootRef, blob: wrapped }, { ...place, version, format })
  const key = createSecretKey(bytes)
  bytes.fill(0)
  const check = checkValue(key)
  const isRight = row.kcv.length === check.length && timingSafeEqual(row.kcv, check)
  if (isRight) return { version, key, ...(isRetired(row) && { isRetired: true }) }
  throw new KeyringError(
    `Domain key ${row.version} of ${place.region} does not match its check value. Restore a backup.`,
  )
}

/** What a domain key is bound to, as additional data of what encrypts it. */
export function domainKeyAad({ deployment, partition, region, version, format }: DomainKeyAbout): Buffer {
  return lengthPrefixed(`kms/dk/v${format}`, deployment, partition, region, version)
}

function checkValue(key: KeyObject): Buffer {
  return createHmac('sha256', key).update('kcv').digest().subarray(0, CHECK_BYTES)
}

/** Everything that a material is bound to at rest. */
export interface MaterialAbout extends Place {
  readonly account: string
  readonly keyId: string
  readonly materialId: string
  readonly generation: number
  readonly keySpec: string
  readonly keyUsage: string
  readonly origin: string
}

/** A material at rest. */
export interface WrappedMaterial {
  readonly domainKeyVersion: number
  /** Grows each time it is wrapped again. */
  readonly recordVersion: number
  readonly salt: Buffer
  readonly iv: Buffer
  readonly ciphertext: Buffer
  readonly tag: Buffer
}

const MATERIAL_LABEL = 'kms/ekt/v1'

/** Wraps a material under a key of its own. @param recordVersion how often it was wrapped, with this time */
export function wrapMaterial(
  domainKey: DomainKey,
  about: MaterialAbout,
  material: KeyObject,
  recordVersion = 1,
): WrappedMaterial {
  const salt = randomSecret(SALT_BYTES)
  const iv = randomIv()
  const versions = { domainKeyVersion: domainKey.version, recordVersion }
  const bytes = material.export()
  try {
    const key = deriveKey(domainKey.key, MATERIAL_LABEL, salt)
    const { ciphertext, tag } = seal(key, iv, materialAad(about, versions), bytes)
    return { ...versions, salt, iv, ciphertext, tag }
  } finally {
    bytes.fill(0)
  }
}

/**
 * Opens a material.
 *
 * INVARIANT: what comes out has the id that it is filed under, whatever the encryption says.
 *
 * @throws KeyringError
 */
export function unwrapMaterial(domainKey: DomainKey, about: MaterialAbout, wrapped: WrappedMaterial): KeyObject {
  const key = deriveKey(domainKey.key, MATERIAL_LABEL, wrapped.salt)
  const bytes = open(key, wrapped.iv, materialAad(about, wrapped), wrapped.ciphertext, wrapped.tag)
  if (bytes === null) throw damaged(about)
  const material = createSecretKey(bytes)
  bytes.fill(0)
  if (!hasMaterialId(material, scopeArn(about), about.keySpec, about.materialId)) throw damaged(about)
  return material
}

function materialAad(
  about: MaterialAbout,
  { domainKeyVersion, recordVersion }: Pick<WrappedMaterial, 'domainKeyVersion' | 'recordVersion'>,
): Buffer {
  const { deployment, partition, region, account, keyId, generation, keySpec, keyUsage, origin } = about
  return lengthPrefixed(
    MATERIAL_LABEL,
    deployment,
    partition,
    region,
    account,
    scopeArn(about),
    keyId,
    about.materialId,
    generation,
    keySpec,
    keyUsage,
    origin,
    domainKeyVersion,
    BigInt(recordVersion),
  )
}

function damaged({ keyId, region, materialId: id }: MaterialAbout): KeyringError {
  return new KeyringError(`Material ${id} of ${keyId} in ${region} is damaged or was moved. Restore a backup.`)
}

/** Wraps any other secret under a key of its own; `label` says what it is and `context` whose. */
export function wrapSecret(domainKey: DomainKey, label: string, context: string, secret: Uint8Array): string {
  const salt = randomSecret(SALT_BYTES)
  const iv = randomIv()
  const { ciphertext, tag } = seal(
    deriveKey(domainKey.key, label, salt),
    iv,
    secretAad(domainKey, label, context),
    secret,
  )
  return Buffer.concat([salt, iv, tag, ciphertext]).toString('base64')
}

/**
 * Opens a secret. The caller wipes it.
 *
 * @throws KeyringError
 */
export function unwrapSecret(domainKey: DomainKey, label: string, context: string, wrapped: string): Buffer {
  const bytes = Buffer.from(wrapped, 'base64')
  const iv = bytes.subarray(SALT_BYTES, SALT_BYTES + IV_BYTES)
  const tag = bytes.subarray(SALT_BYTES + IV_BYTES, SALT_BYTES + IV_BYTES + TAG_BYTES)
  const ciphertext = bytes.subarray(SALT_BYTES + IV_BYTES + TAG_BYTES)
  const key = deriveKey(domainKey.key, label, bytes.subarray(0, SALT_BYTES))
  const secret = open(key, iv, secretAad(domainKey, label, context), ciphertext, tag)
  if (secret === null)
    throw new KeyringError(`The secret ${label} of ${context} is damaged or was moved. Restore a backup.`)
  return secret
}

/** Says whether a domain key that rests is retired. */
export function isRetired({ format }: Pick<WrappedDomainKey, 'format'>): boolean {
  return format === FORMATS.retired
}

/** Opens a secret that one of these domain keys has wrapped; null where none has. The caller wipes it. */
export function unwrapSecretOfAny(
  domainKeys: readonly DomainKey[],
  label: string,
  context: string,
  wrapped: string,
): Buffer | null {
  for (const domainKey of domainKeys.toReversed()) {
    try {
      return unwrapSecret(domainKey, label, context, wrapped)
    } catch (error) {
      if (!(error instanceof KeyringError)) throw error
    }
  }
  return null
}

/**
 * Opens a secret that has to be there. The caller wipes it.
 *
 * @throws KeyringError where none of these domain keys opens it
 */
export function requireSecret(
  domainKeys: readonly DomainKey[],
  label: string,
  context: string,
  wrapped: string,
): Buffer {
  return (
    unwrapSecretOfAny(domainKeys, label, context, wrapped) ??
    unwrapSecret(newestOf(domainKeys), label, context, wrapped)
  )
}

/**
 * Wraps a secret under the newest of these domain keys: the same text where it is so already, and null where none of
 * them opens it.
 */
export function wrapSecretAgain(
  domainKeys: readonly DomainKey[],
  label: string,
  context: string,
  wrapped: string,
): string | null {
  const newest = newestOf(domainKeys)
  const secret = unwrapSecretOfAny([newest], label, context, wrapped)
  secret?.fill(0)
  if (secret !== null) return wrapped
  const older = unwrapSecretOfAny(domainKeys, label, context, wrapped)
  if (older === null) return null
  const again = wrapSecret(newest, label, context, older)
  older.fill(0)
  return again
}

function secretAad({ version }: DomainKey, label: string, context: string): Buffer {
  return lengthPrefixed(label, context, version)
}
