import { z } from 'zod'
import { WireError } from '../../../kernel/errors.ts'
import type { KeySnapshot } from '../../../kernel/keys/snapshot.ts'
import { readOperation, type Reads } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import type { Call } from '../../../kernel/call.ts'
import { encryption, requestAlias } from '../condition-keys.ts'
import { errors } from '../errors.ts'
import { findKeyToUse } from '../keys/find-key.ts'
import { withGrantTokens } from '../grants/grant-tokens.ts'
import { findNamedKey, ignoresCiphertext } from '../cryptography/ignore-ciphertext.ts'
import { recordOf } from '../record.ts'
import { endDryRun, requireEncryption, requireState } from '../requirements.ts'
import { decryptWith, encryptWith, findKeyToOpen, requireFitting, requireMaker } from '../cryptography/seal.ts'
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
  load: (input, call, reads) =>
    withGrantTokens(input.GrantTokens, reads, async () => {
      const opening = await (ignoresCiphertext(input)
        ? findNamedKey(FROM, 'sourceKeyId', input.SourceKeyId, call, reads)
        : findKeyToOpen(
            FROM,
            {
              member: 'SourceKeyId',
              keyId: input.SourceKeyId,
              ciphertext: input.CiphertextBlob,
              algorithm: input.SourceEncryptionAlgorithm,
            },
            call,
            reads,
          ))
      return { opening, source: opening.key, destination: await findOrRefuse(input.DestinationKeyId, call, reads) }
    }),
  requires(input, { source, destination }, { region }) {
    const isMissing = destination instanceof WireError
    const both = { 'kms:ReEncryptOnSameKey': String(!isMissing && source.arn === destination.arn) }
    const from = need(
      FROM,
      source,
      region,
      {
        ...both,
        ...encryption(input.SourceEncryptionAlgorithm, input.SourceEncryptionContext),
        ...requestAlias(input.SourceKeyId),
      },
      input.SourceKeyId === undefined ? 'ciphertext' : 'name',
    )
    if (isMissing) return [from]
    const into = need(TO, destination, region, {
      ...both,
      ...encryption(input.DestinationEncryptionAlgorithm, input.DestinationEncryptionContext),
      ...requestAlias(input.DestinationKeyId),
    })
    return [from, into]
  },
  deferred: ({ destination }) => (destination instanceof WireError ? destination : null),
  async run(input, { opening, source, destination }, { now }) {
    const ciphertext = input.CiphertextBlob ?? Buffer.of()
    if (destination instanceof WireError) throw destination
    requireMaker(opening)
    for (const key of [source, destination]) requireState('ReEncrypt', key)
    requireEncryption('ReEncrypt', source, input.SourceEncryptionAlgorithm)
    requireEncryption('ReEncrypt', destination, input.DestinationEncryptionAlgorithm)
    if (ignoresCiphertext(input)) endDryRun(input.DryRun)
    const into = input.DestinationEncryptionAlgorithm
    const context = input.DestinationEncryptionContext
    const opened = await decryptWith(
      opening,
      input.SourceEncryptionAlgorithm,
      ciphertext,
      input.SourceEncryptionContext,
    )
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
  record(input, found) {
    const destination = found === null || found.destination instanceof WireError ? null : found.destination
    return recordOf(input, [found?.source ?? null, destination])
  },
})

/**
 * The destination, or why it is not to be found: that is told only to whom the source lets, as it would be told that
 * the destination does not let them. Else the one answer or the other would tell whether the source is here.
 */
async function findOrRefuse(keyId: string, call: Call, reads: Reads): Promise<KeySnapshot | WireError> {
  try {
    return await findDestination(keyId, call, reads)
  } catch (error) {
    if (error instanceof WireError) return error
    throw error
  }
}
