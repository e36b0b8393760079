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
/** The format in which domain keys are wrapped. */
const FORMAT = 2

/** Something that is wrapped and does not open. Its message says what was lost or changed, and what to do. */
export class KeyringError extends Error {}

/** What holds the root key: a file, or a machine that never gives it out. */
export interface RootKeyProvider {
  readonly kind: string
  /** The name of the root key that wraps now. */
  currentRef(): string
  wrap(plaintext: Uint8Array, aad: Uint8Array): Promise<{ ref: string; blob: Buffer }>
  /** @throws KeyringError where the root key of that name is missing, or the blob is not authentic */
  unwrap(wrapped: { ref: string; blob: Uint8Array }, aad: Uint8Array): Promise<Buffer>
}

/** Where a domain key belongs. */
export interface Place {
  readonly deployment: string
  readonly partition: string
  readonly region: string
}

/** A domain key in use. */
export interface DomainKey {
  readonly version: number
  readonly key: KeyObject
}

/** A domain key at rest. `kcv` tells at once whether the right key came out. */
export interface WrappedDomainKey {
  readonly version: number
  /** 1 where the rows beside it may be without a MAC, 2 where none is. It is bound into what is wrapped. */
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
  { version, key }: DomainKey,
): Promise<WrappedDomainKey> {
  const bytes = key.export()
  try {
    const { ref, blob } = await root.wrap(bytes, domainKeyAad(place, version, FORMAT))
    return { version, format: FORMAT, rootRef: ref, wrapped: blob, kcv: checkValue(key) }
  } finally {
    bytes.fill(0)
  }
}

/**
 * Opens a domain key.
 *
 * @throws KeyringError
 */
export async function openDomainKey(root: RootKeyProvider, place: Place, row: WrappedDomainKey): Promise<KeyObject> {
  const bytes = await root.unwrap({ ref: row.rootRef, blob: row.wrapped }, domainKeyAad(place, row.version, row.format))
  const key = createSecretKey(bytes)
  bytes.fill(0)
  const check = checkValue(key)
  if (row.kcv.length === check.length && timingSafeEqual(row.kcv, check)) return key
  throw new KeyringError(
    `Domain key ${row.version} of ${place.region} does not match its check value. Restore a backup.`,
  )
}

function domainKeyAad({ deployment, partition, region }: Place, version: number, format: number): Buffer {
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

/** Wraps a material under a key of its own. */
export function wrapMaterial(domainKey: DomainKey, about: MaterialAbout, material: KeyObject): WrappedMaterial {
  const salt = randomSecret(SALT_BYTES)
  const iv = randomIv()
  const versions = { domainKeyVersion: domainKey.version, recordVersion: 1 }
  const bytes = material.export()
  try {
    const key = deriveKey(domainKey.key, MATERIAL_LABEL, salt)
    const { ciphertext, tag } = seal(key, iv, materialAad(about, versions), bytes)
    return { ...versions, salt, iv, ciphertext: Buffer.concat(ciphertext), tag }
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
  return Buffer.concat([salt, iv, tag, ...ciphertext]).toString('base64')
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

/** Opens a secret that one of these domain keys has wrapped; null where none has. The caller wipes it. */
export function unwrapSecretOfAny(
  domainKeys: readonly DomainKey[],
  label: string,
  context: string,
  wrapped: string,
): Buffer | null {
  for (const domainKey of domainKeys) {
    try {
      return unwrapSecret(domainKey, label, context, wrapped)
    } catch (error) {
      if (!(error instanceof KeyringError)) throw error
    }
  }
  return null
}

function secretAad({ version }: DomainKey, label: string, context: string): Buffer {
  return lengthPrefixed(label, context, version)
}
