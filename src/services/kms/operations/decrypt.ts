import { z } from 'zod'
import { readOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { encryption, requestAlias } from '../condition-keys.ts'
import { errors } from '../errors.ts'
import { withGrantTokens } from '../grants/grant-tokens.ts'
import { findNamedKey, ignoresCiphertext } from '../cryptography/ignore-ciphertext.ts'
import { attestationKeys, findRecipient, recordWithRecipient, secretAnswer } from '../cryptography/recipient.ts'
import { endDryRun, requireEncryption, requireState } from '../requirements.ts'
import { decryptWith, findKeyToOpen, requireMaker } from '../cryptography/seal.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:Decrypt'

/** Decrypts a ciphertext with the key that made it, or with any key related to that in another Region. */
export const Decrypt = readOperation({
  name: 'Decrypt',
  cryptographic: true,
  errors: [
    errors.DisabledException,
    errors.DryRunOperationException,
    errors.IncorrectKeyException,
    errors.InvalidCiphertextException,
    errors.InvalidGrantTokenException,
    errors.InvalidKeyUsageException,
    errors.KMSInvalidStateException,
    errors.NotFoundException,
    errors.UnsupportedOperationException,
  ],
  input: z.object({
    CiphertextBlob: shape.ciphertext.optional(),
    EncryptionContext: shape.encryptionContext.optional(),
    GrantTokens: shape.grantTokens.optional(),
    KeyId: shape.keyId.optional(),
    EncryptionAlgorithm: shape.encryptionAlgorithm.default('SYMMETRIC_DEFAULT'),
    Recipient: shape.recipient.optional(),
    DryRun: z.boolean().optional(),
    DryRunModifiers: shape.dryRunModifiers.optional(),
  }),
  async load(input, call, reads) {
    const recipient = findRecipient(input.Recipient, call, reads)
    const find = () =>
      ignoresCiphertext(input)
        ? findNamedKey(ACTION, 'keyId', input.KeyId, call, reads)
        : findKeyToOpen(
            ACTION,
            {
              member: 'KeyId',
              keyId: input.KeyId,
              ciphertext: input.CiphertextBlob,
              algorithm: input.EncryptionAlgorithm,
            },
            call,
            reads,
          )
    return { recipient, ...(await withGrantTokens(input.GrantTokens, reads, find)) }
  },
  requires: ({ KeyId, EncryptionAlgorithm, EncryptionContext }, { key, recipient }, { region }) => [
    need(
      ACTION,
      key,
      region,
      { ...encryption(EncryptionAlgorithm, EncryptionContext), ...requestAlias(KeyId), ...attestationKeys(recipient) },
      KeyId === undefined ? 'ciphertext' : 'name',
    ),
  ],
  async run(input, found) {
    const { key, recipient } = found
    requireMaker(found)
    requireState('Decrypt', key)
    requireEncryption('Decrypt', key, input.EncryptionAlgorithm)
    if (ignoresCiphertext(input)) endDryRun(input.DryRun)
    const ciphertext = input.CiphertextBlob ?? Buffer.of()
    const opening = decryptWith(found, input.EncryptionAlgorithm, ciphertext, input.EncryptionContext)
    const { plaintext, materialId } = await opening
    if (input.DryRun === true) plaintext.fill(0)
    endDryRun(input.DryRun)
    return {
      KeyId: key.arn,
      EncryptionAlgorithm: input.EncryptionAlgorithm,
      KeyMaterialId: materialId,
      ...secretAnswer(recipient, 'Plaintext', plaintext),
    }
  },
  record: (input, found) => recordWithRecipient(input, found),
})
