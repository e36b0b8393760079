import { z } from 'zod'
import { readOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { encryption, requestAlias } from '../condition-keys.ts'
import { errors } from '../errors.ts'
import { findKeyToUse } from '../keys/find-key.ts'
import { withGrantTokens } from '../grants/grant-tokens.ts'
import { recordOf } from '../record.ts'
import { endDryRun, requireEncryption, requireState } from '../requirements.ts'
import { encryptWith, requireFitting } from '../cryptography/seal.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:Encrypt'
const find = findKeyToUse(ACTION)

/** Encrypts up to 4,096 bytes, or with an RSA key as much as fits it. */
export const Encrypt = readOperation({
  name: 'Encrypt',
  cryptographic: true,
  errors: [
    errors.DisabledException,
    errors.DryRunOperationException,
    errors.InvalidGrantTokenException,
    errors.InvalidKeyUsageException,
    errors.KMSInvalidStateException,
    errors.NotFoundException,
  ],
  input: z.object({
    KeyId: shape.keyId,
    Plaintext: shape.plaintext,
    EncryptionContext: shape.encryptionContext.optional(),
    GrantTokens: shape.grantTokens.optional(),
    EncryptionAlgorithm: shape.encryptionAlgorithm.default('SYMMETRIC_DEFAULT'),
    DryRun: z.boolean().optional(),
  }),
  load: ({ KeyId, GrantTokens }, call, reads) => withGrantTokens(GrantTokens, reads, () => find(KeyId, call, reads)),
  requires: ({ KeyId, EncryptionAlgorithm, EncryptionContext }, key, { region }) => [
    need(ACTION, key, region, { ...encryption(EncryptionAlgorithm, EncryptionContext), ...requestAlias(KeyId) }),
  ],
  run(input, key, { now }) {
    requireState('Encrypt', key)
    requireEncryption('Encrypt', key, input.EncryptionAlgorithm)
    requireFitting(key, input.EncryptionAlgorithm, input.Plaintext, input.EncryptionContext)
    endDryRun(input.DryRun)
    const { blob } = encryptWith(key, input.EncryptionAlgorithm, input.Plaintext, input.EncryptionContext, now)
    input.Plaintext.fill(0)
    return { CiphertextBlob: blob, KeyId: key.arn, EncryptionAlgorithm: input.EncryptionAlgorithm }
  },
  record: (input, key) => recordOf(input, [key]),
})
