import { z } from 'zod'
import { agree, readPeer } from '../../../crypto/agreement.ts'
import { common } from '../../../kernel/errors.ts'
import { readOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { requestAlias } from '../condition-keys.ts'
import { errors } from '../errors.ts'
import { findKeyToUse } from '../keys/find-key.ts'
import { withGrantTokens } from '../grants/grant-tokens.ts'
import { attestationKeys, findRecipient, recordWithRecipient, secretAnswer } from '../cryptography/recipient.ts'
import { endDryRun, requireState, requireUse, workingKey } from '../requirements.ts'
import * as shape from '../shapes.ts'
import { useErrors, useInput } from '../cryptography/use.ts'

const ACTION = 'kms:DeriveSharedSecret'
const find = findKeyToUse(ACTION)

/** Derives the secret that a key shares with the holder of another on its curve, the same in every Region. */
export const DeriveSharedSecret = readOperation({
  name: 'DeriveSharedSecret',
  cryptographic: true,
  errors: [...useErrors, errors.UnsupportedOperationException],
  input: z.object({
    ...useInput,
    KeyAgreementAlgorithm: shape.keyAgreementAlgorithm,
    PublicKey: shape.publicKey,
    Recipient: shape.recipient.optional(),
  }),
  async load({ KeyId, GrantTokens, Recipient }, call, reads) {
    const recipient = findRecipient(Recipient, call, reads)
    return { recipient, key: await withGrantTokens(GrantTokens, reads, () => find(KeyId, call, reads)) }
  },
  requires: ({ KeyId, KeyAgreementAlgorithm }, { key, recipient }, { region }) => [
    need(ACTION, key, region, {
      'kms:KeyAgreementAlgorithm': KeyAgreementAlgorithm,
      ...requestAlias(KeyId),
      ...attestationKeys(recipient),
    }),
  ],
  async run(input, { key, recipient }) {
    const { KeyAgreementAlgorithm } = input
    requireState('DeriveSharedSecret', key)
    requireUse('DeriveSharedSecret', key, 'KEY_AGREEMENT', KeyAgreementAlgorithm)
    const { pair } = workingKey(key)
    const peer = readPeer(pair, input.PublicKey)
    // AWS KMS gives no message.
    if (peer === null) throw common.ValidationException()
    endDryRun(input.DryRun)
    return {
      KeyId: key.arn,
      KeyAgreementAlgorithm,
      KeyOrigin: key.record.origin,
      ...secretAnswer(recipient, 'SharedSecret', await agree(pair, peer)),
    }
  },
  record: (input, found) => recordWithRecipient(input, found),
})
