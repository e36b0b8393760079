import { parseBlob } from '../../crypto/ciphertext-blob.ts'
import { decryptOaep, encryptOaep, oaepCapacity } from '../../crypto/oaep.ts'
import type { MaterialId } from '../../domain/key.ts'
import { denyForeign } from '../../kernel/denial.ts'
import { common } from '../../kernel/errors.ts'
import type { KeySnapshot } from '../../kernel/key-snapshot.ts'
import type { Call, Reads } from '../../kernel/operation.ts'
import { errors } from './errors.ts'
import { findKeyToUse } from './find-key.ts'
import { workingKey } from './requirements.ts'

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
  refuseContext(context)
  const capacity = oaepCapacity(workingKey(key).pair, algorithm)
  if (plaintext.length <= capacity) return
  throw common.ValidationException(
    `Algorithm ${algorithm} and key spec ${key.record.spec} cannot encrypt data larger than ${capacity} bytes.`,
  )
}

function refuseContext(context: EncryptionContext | undefined): void {
  if (context === undefined || Object.keys(context).length === 0) return
  throw common.ValidationException('An encryption context is only for symmetric encryption keys. Leave it out.')
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
  key: KeySnapshot,
  algorithm: string,
  ciphertext: Buffer,
  context: EncryptionContext | undefined,
): Opened | Promise<Opened> {
  return algorithm === SYMMETRIC ? open(key, ciphertext, context) : openRsa(key, algorithm, ciphertext, context)
}

async function openRsa(
  key: KeySnapshot,
  algorithm: string,
  ciphertext: Buffer,
  context: EncryptionContext | undefined,
): Promise<Opened> {
  refuseContext(context)
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
  ciphertext: Buffer,
  context: EncryptionContext | undefined,
): { plaintext: Buffer; materialId: MaterialId } {
  const header = parseBlob(ciphertext)
  if (header === null) throw errors.InvalidCiphertextException()
  const sealer = key.sealer(header.materialId)
  if (sealer === null) {
    throw errors.IncorrectKeyException(
      'The key ID in the request does not identify a CMK that can perform this operation.',
    )
  }
  const plaintext = sealer.open(header, context ?? {})
  if (plaintext === null) throw errors.InvalidCiphertextException()
  return { plaintext, materialId: header.materialId }
}

/** Finds the key that shall decrypt: the one that is named, or else the one that made the ciphertext. */
export async function findKeyToOpen(
  action: string,
  keyId: string | undefined,
  ciphertext: Buffer | undefined,
  call: Call,
  reads: Reads,
): Promise<KeySnapshot> {
  if (ciphertext === undefined) {
    throw common.ValidationException(
      "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: Member must not be null",
    )
  }
  if (keyId !== undefined) return findKeyToUse(action)(keyId, call, reads)
  const header = parseBlob(ciphertext)
  if (header === null) throw errors.InvalidCiphertextException()
  const key = await reads.keyByMaterial(header.materialId)
  // The same as where its key is another account's: nobody learns where that is.
  if (key === null) throw denyForeign(action, call, { foundBy: 'ciphertext' })
  return key
}
