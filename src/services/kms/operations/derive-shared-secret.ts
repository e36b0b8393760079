import { z } from 'zod'
import { agree, readPeer } from '../../../crypto/agreement.ts'
import { common } from '../../../kernel/errors.ts'
import { need, readOperation } from '../../../kernel/operation.ts'
import { requestAlias } from '../condition-keys.ts'
import { errors } from '../errors.ts'
import { findKeyToUse } from '../find-key.ts'
import { withGrantTokens } from '../grant-tokens.ts'
import { recordOf } from '../record.ts'
import { endDryRun, refuseUnsupported, requireState, requireUse, workingKey } from '../requirements.ts'
import * as shape from '../shapes.ts'
import { useErrors, useInput } from '../use.ts'

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
  load: ({ KeyId, GrantTokens }, call, reads) => withGrantTokens(GrantTokens, reads, find(KeyId, call, reads)),
  requires: ({ KeyId, KeyAgreementAlgorithm }, key, { region }) => [
    need(ACTION, key, region, { 'kms:KeyAgreementAlgorithm': KeyAgreementAlgorithm, ...requestAlias(KeyId) }),
  ],
  async run(input, key) {
    const { KeyAgreementAlgorithm } = input
    refuseUnsupported(input)
    requireState('DeriveSharedSecret', key)
    requireUse('DeriveSharedSecret', key, 'KEY_AGREEMENT', KeyAgreementAlgorithm)
    const { pair } = workingKey(key)
    const peer = readPeer(pair, input.PublicKey)
    // AWS KMS gives no message.
    if (peer === null) throw common.ValidationException()
    endDryRun(input.DryRun)
    return {
      KeyId: key.arn,
      SharedSecret: await agree(pair, peer),
      KeyAgreementAlgorithm,
      KeyOrigin: key.record.origin,
    }
  },
  record: (input, key) => recordOf(input, [key]),
})
