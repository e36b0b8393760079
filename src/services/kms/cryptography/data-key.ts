import { z } from 'zod'
import { common } from '../../../kernel/errors.ts'
import type { KeySnapshot } from '../../../kernel/keys/snapshot.ts'
import { errors } from '../errors.ts'
import { endDryRun, requireEncryption, requireState } from '../requirements.ts'
import { seal } from './seal.ts'
import * as shape from '../shapes.ts'

const BYTES_OF = { AES_256: 32, AES_128: 16 } as const

/** What both operations that make data keys take. */
export const dataKeyInput = z.object({
  KeyId: shape.keyId,
  EncryptionContext: shape.encryptionContext.optional(),
  NumberOfBytes: shape.numberOfBytes.optional(),
  KeySpec: z.enum(['AES_256', 'AES_128']).optional(),
  GrantTokens: shape.grantTokens.optional(),
  Recipient: shape.recipient.optional(),
  DryRun: z.boolean().optional(),
})

/** What both operations that make data keys may refuse with. */
export const dataKeyErrors = [
  errors.DisabledException,
  errors.DryRunOperationException,
  errors.InvalidGrantTokenException,
  errors.InvalidKeyUsageException,
  errors.KMSInvalidStateException,
  errors.NotFoundException,
  errors.UnsupportedOperationException,
] as const

/** Makes a data key and encrypts it. The caller wipes the plaintext. */
export function makeDataKey(
  operation: 'GenerateDataKey' | 'GenerateDataKeyWithoutPlaintext',
  input: z.infer<typeof dataKeyInput>,
  key: KeySnapshot,
  now: number,
  random: (bytes: number) => Buffer,
) {
  if ((input.KeySpec === undefined) === (input.NumberOfBytes === undefined)) {
    throw common.ValidationException('Please specify either number of bytes or key spec.')
  }
  requireState(operation, key)
  requireEncryption(operation, key, 'SYMMETRIC_DEFAULT')
  endDryRun(input.DryRun)
  const bytes = input.NumberOfBytes ?? BYTES_OF[input.KeySpec ?? 'AES_256']
  const plaintext = random(bytes)
  const { blob, materialId } = seal(key, plaintext, input.EncryptionContext, now)
  return { plaintext, answer: { CiphertextBlob: blob, KeyId: key.arn, KeyMaterialId: materialId } }
}
