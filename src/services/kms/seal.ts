import { parseBlob } from '../../crypto/ciphertext-blob.ts'
import type { MaterialId } from '../../domain/key.ts'
import { common, type WireError } from '../../kernel/errors.ts'
import type { KeySnapshot } from '../../kernel/key-snapshot.ts'
import type { Call, Reads } from '../../kernel/operation.ts'
import { errors } from './errors.ts'
import { findKeyToUse } from './find-key.ts'

type EncryptionContext = Readonly<Record<string, string>>

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
export function open(
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
  if (key === null) throw unknownKey()
  return key
}

function unknownKey(): WireError {
  return common.AccessDeniedException(
    'The ciphertext refers to a customer master key that does not exist, does not exist in this region, ' +
      'or you are not allowed to access.',
  )
}
