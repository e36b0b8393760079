import { z } from 'zod'
import { need, readOperation } from '../../../kernel/operation.ts'
import { encryption, requestAlias } from '../condition-keys.ts'
import { errors } from '../errors.ts'
import { findKeyToUse } from '../find-key.ts'
import { withGrantTokens } from '../grant-tokens.ts'
import { findNamedKey, ignoresCiphertext } from '../ignore-ciphertext.ts'
import { recordOf } from '../record.ts'
import { endDryRun, requireEncryption, requireState } from '../requirements.ts'
import { decryptWith, encryptWith, findKeyToOpen, requireFitting } from '../seal.ts'
import * as shape from '../shapes.ts'

const FROM = 'kms:ReEncryptFrom'
const TO = 'kms:ReEncryptTo'
const findDestination = findKeyToUse(TO)

/** Decrypts a ciphertext and encrypts it again, under another key or context. The plaintext does not leave. */
export const ReEncrypt = readOperation({
  name: 'ReEncrypt',
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
  ],
  input: z.object({
    CiphertextBlob: shape.ciphertext.optional(),
    SourceEncryptionContext: shape.encryptionContext.optional(),
    SourceKeyId: shape.keyId.optional(),
    DestinationKeyId: shape.keyId,
    DestinationEncryptionContext: shape.encryptionContext.optional(),
    SourceEncryptionAlgorithm: shape.encryptionAlgorithm.default('SYMMETRIC_DEFAULT'),
    DestinationEncryptionAlgorithm: shape.encryptionAlgorithm.default('SYMMETRIC_DEFAULT'),
    GrantTokens: shape.grantTokens.optional(),
    DryRun: z.boolean().optional(),
    DryRunModifiers: shape.dryRunModifiers.optional(),
  }),
  async load(input, call, reads) {
    const { CiphertextBlob, SourceKeyId, DestinationKeyId, GrantTokens } = input
    const source = await (ignoresCiphertext(input)
      ? findNamedKey(FROM, 'sourceKeyId', SourceKeyId, call, reads)
      : findKeyToOpen(FROM, SourceKeyId, CiphertextBlob, call, reads))
    const destination = await findDestination(DestinationKeyId, call, reads)
    return withGrantTokens(GrantTokens, reads, { source, destination })
  },
  requires(input, { source, destination }, { region }) {
    const both = { 'kms:ReEncryptOnSameKey': String(source.arn === destination.arn) }
    return [
      need(
        FROM,
        source,
        region,
        {
          ...both,
          ...encryption(input.SourceEncryptionAlgorithm, input.SourceEncryptionContext),
          ...requestAlias(input.SourceKeyId),
        },
        input.SourceKeyId === undefined ? 'ciphertext' : 'name',
      ),
      need(TO, destination, region, {
        ...both,
        ...encryption(input.DestinationEncryptionAlgorithm, input.DestinationEncryptionContext),
        ...requestAlias(input.DestinationKeyId),
      }),
    ]
  },
  async run(input, { source, destination }, { now }) {
    for (const key of [source, destination]) requireState('ReEncrypt', key)
    requireEncryption('ReEncrypt', source, input.SourceEncryptionAlgorithm)
    requireEncryption('ReEncrypt', destination, input.DestinationEncryptionAlgorithm)
    if (ignoresCiphertext(input)) endDryRun(input.DryRun)
    const ciphertext = input.CiphertextBlob ?? Buffer.of()
    const into = input.DestinationEncryptionAlgorithm
    const context = input.DestinationEncryptionContext
    const opened = await decryptWith(source, input.SourceEncryptionAlgorithm, ciphertext, input.SourceEncryptionContext)
    try {
      requireFitting(destination, into, opened.plaintext, context)
      endDryRun(input.DryRun)
      const sealed = encryptWith(destination, into, opened.plaintext, context, now)
      return {
        CiphertextBlob: sealed.blob,
        SourceKeyId: source.arn,
        KeyId: destination.arn,
        SourceEncryptionAlgorithm: input.SourceEncryptionAlgorithm,
        DestinationEncryptionAlgorithm: into,
        SourceKeyMaterialId: opened.materialId,
        DestinationKeyMaterialId: sealed.materialId,
      }
    } finally {
      opened.plaintext.fill(0)
    }
  },
  record: (input, found) => recordOf(input, [found?.source ?? null, found?.destination ?? null]),
})
