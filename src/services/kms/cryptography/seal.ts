import { parseBlob, type BlobHeader } from '../../../crypto/sealing/ciphertext-blob.ts'
import { decryptOaep, encryptOaep, oaepCapacity } from '../../../crypto/oaep.ts'
import { parseArn } from '../../../domain/arn.ts'
import type { MaterialId } from '../../../domain/material-id.ts'
import type { Region } from '../../../domain/region.ts'
import { denyForeign } from '../../../kernel/access/denial.ts'
import { common, type PrivateReason } from '../../../kernel/errors.ts'
import type { KeySnapshot } from '../../../kernel/keys/snapshot.ts'
import type { Reads } from '../../../kernel/operation.ts'
import type { Call } from '../../../kernel/call.ts'
import { errors } from '../errors.ts'
import { findKeyToUse } from '../keys/find-key.ts'
import { workingKey } from '../requirements.ts'

type EncryptionContext = Readonly<Record<string, string>>

/** What went into a ciphertext, or came out of one. Only symmetric encryption keys tell which material did it. */
interface Sealed {
  readonly blob: Buffer
  readonly materialId: MaterialId | undefined
}
interface Opened {
  readonly plaintext: Buffer
  readonly materialId: MaterialId | undefined
}

const SYMMETRIC = 'SYMMETRIC_DEFAULT'

/**
 * Refuses what an RSA key cannot encrypt: too much, or anything with an encryption context, to which nothing in such a
 * ciphertext could be bound.
 */
export function requireFitting(
  key: KeySnapshot,
  algorithm: string,
  plaintext: Uint8Array,
  context: EncryptionContext | undefined,
): void {
  if (algorithm === SYMMETRIC) return
  refuseContext('encrypting', context)
  const capacity = oaepCapacity(workingKey(key).pair, algorithm)
  if (plaintext.length <= capacity) return
  throw common.ValidationException(
    `Algorithm ${algorithm} and key spec ${key.record.spec} cannot encrypt data larger than ${capacity} bytes.`,
  )
}

function refuseContext(doing: 'encrypting' | 'decrypting', context: EncryptionContext | undefined): void {
  if (context === undefined || Object.keys(context).length === 0) return
  throw common.ValidationException(`EncryptionContext is not supported when ${doing} with asymmetric CMKs.`)
}

/** Encrypts with an algorithm of the key, what is known to fit. */
export function encryptWith(
  key: KeySnapshot,
  algorithm: string,
  plaintext: Uint8Array,
  context: EncryptionContext | undefined,
  now: number,
): Sealed {
  if (algorithm === SYMMETRIC) return seal(key, plaintext, context, now)
  return { blob: encryptOaep(workingKey(key).pair, algorithm, plaintext), materialId: undefined }
}

/**
 * Decrypts with an algorithm of the key. The caller wipes the plaintext.
 *
 * @throws InvalidCiphertextException, IncorrectKeyException as `open` does
 */
export function decryptWith(
  { key, header }: KeyToOpen,
  algorithm: string,
  ciphertext: Buffer,
  context: EncryptionContext | undefined,
): Opened | Promise<Opened> {
  return header === null ? openRsa(key, algorithm, ciphertext, context) : open(key, header, context)
}

async function openRsa(
  key: KeySnapshot,
  algorithm: string,
  ciphertext: Buffer,
  context: EncryptionContext | undefined,
): Promise<Opened> {
  refuseContext('decrypting', context)
  const plaintext = await decryptOaep(workingKey(key).pair, algorithm, ciphertext)
  if (plaintext === null) throw errors.InvalidCiphertextException()
  return { plaintext, materialId: undefined }
}

/** Encrypts under the key's current material. */
export function seal(
  key: KeySnapshot,
  plaintext: Uint8Array,
  context: EncryptionContext | undefined,
  now: number,
): { blob: Buffer; materialId: MaterialId } {
  const materialId = key.record.current
  const sealer = materialId === null ? null : key.sealer(materialId)
  if (materialId === null || sealer === null) throw new Error(`INVARIANT: ${key.arn} is enabled and has its material`)
  return { blob: sealer.seal(plaintext, context ?? {}, now), materialId }
}

/**
 * Decrypts with whichever of the key's materials made the ciphertext. There is no second try.
 *
 * @throws InvalidCiphertextException where it is damaged or the encryption context is another; AWS gives no reason
 * @throws IncorrectKeyException where another key made it
 */
function open(
  key: KeySnapshot,
  header: BlobHeader,
  context: EncryptionContext | undefined,
): { plaintext: Buffer; materialId: MaterialId } {
  const sealer = key.sealer(header.materialId)
  if (sealer === null) throw notOfKey()
  const plaintext = sealer.open(header, context ?? {})
  if (plaintext === null) throw errors.InvalidCiphertextException()
  return { plaintext, materialId: header.materialId }
}

function readHeader(ciphertext: Buffer): BlobHeader {
  const header = parseBlob(ciphertext)
  if (header === null) throw errors.InvalidCiphertextException()
  return header
}

function notOfKey() {
  return errors.IncorrectKeyException(
    'The key ID in the request does not identify a CMK that can perform this operation.',
  )
}

/** The key that shall decrypt. */
export interface KeyToOpen {
  readonly key: KeySnapshot
  /** What the ciphertext says of itself; null for one of an RSA key, which says nothing, and where there is none. */
  readonly header: BlobHeader | null
}

/** What a request says of the key that shall decrypt. */
interface Opening {
  /** The member that names it. */
  readonly member: 'KeyId' | 'SourceKeyId'
  readonly keyId: string | undefined
  readonly ciphertext: Buffer | undefined
  readonly algorithm: string
}

/**
 * Finds the key that shall decrypt: the one that is named, or else the one that made the ciphertext.
 *
 * A ciphertext of a symmetric encryption key is read first: it tells its key, so that an ARN of another Region cannot
 * be it, wherever that leads. One of an RSA key tells nothing.
 */
export async function findKeyToOpen(
  action: string,
  { member, keyId, ciphertext, algorithm }: Opening,
  call: Call,
  reads: Reads,
): Promise<KeyToOpen> {
  if (ciphertext === undefined) {
    throw common.ValidationException(
      "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: Member must not be null",
    )
  }
  if (algorithm !== SYMMETRIC) {
    if (keyId === undefined) throw common.ValidationException(`${member} must not be null`)
    return { key: await findKeyToUse(action)(keyId, call, reads), header: null }
  }
  const header = readHeader(ciphertext)
  if (keyId !== undefined) {
    if (isElsewhere(keyId, call.region)) throw notOfKey()
    return { key: await findKeyToUse(action)(keyId, call, reads), header }
  }
  const key = await reads.keyByMaterial(header.materialId)
  // The same as where its key is another account's: nobody learns where that is.
  if (key === null) throw denyForeign({ action, foundBy: 'ciphertext' }, call, noSuchMaterial(action, call))
  return { key, header }
}

function noSuchMaterial(action: string, { region }: Call): PrivateReason {
  return {
    why: `No key in ${region} has the material of this ciphertext: it is of a key of another Region, of one that was deleted, or of another server.`,
    remedy: 'Ask in the Region of the key that encrypted it, or replicate that key to this one.',
    resource: null,
    owner: null,
    toCaller: { action, arn: null, owner: null },
  }
}

/** Whether a text is the ARN of a key or alias in another Region. */
function isElsewhere(keyId: string, region: Region): boolean {
  const arn = parseArn(keyId)
  return arn !== null && arn.service === 'kms' && arn.region !== region
}

/**
 * Refuses a key that did not make the ciphertext, whatever else it is: nothing of its state or kind is told.
 *
 * A replica that is being created does not know yet what it will open.
 *
 * @throws IncorrectKeyException
 */
export function requireMaker({ key: { record }, header }: KeyToOpen): void {
  if (header === null || record.family?.active === false) return
  if (!record.materials.some(({ id }) => id === header.materialId)) throw notOfKey()
}
