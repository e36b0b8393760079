import { readOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { requestAlias } from '../condition-keys.ts'
import { errors } from '../errors.ts'
import { findKeyToUse } from '../keys/find-key.ts'
import { withGrantTokens } from '../grants/grant-tokens.ts'
import { requireSigning, signingContext, signingInput, verifyWith } from '../cryptography/message.ts'
import { recordOf } from '../record.ts'
import { endDryRun } from '../requirements.ts'
import * as shape from '../shapes.ts'
import { useErrors } from '../cryptography/use.ts'

const ACTION = 'kms:Verify'
const find = findKeyToUse(ACTION)

/** Verifies a signature. One that is not good is an error, never an answer. */
export const Verify = readOperation({
  name: 'Verify',
  cryptographic: true,
  errors: [...useErrors, errors.KMSInvalidSignatureException, errors.UnsupportedOperationException],
  input: signingInput.extend({ Signature: shape.ciphertext }),
  load: ({ KeyId, GrantTokens }, call, reads) => withGrantTokens(GrantTokens, reads, () => find(KeyId, call, reads)),
  requires: (input, key, { region }) => [
    need(ACTION, key, region, { ...signingContext(input), ...requestAlias(input.KeyId) }),
  ],
  async run(input, key) {
    requireSigning('Verify', input, key)
    const isGood = await verifyWith(key, input, input.Signature)
    if (!isGood) throw errors.KMSInvalidSignatureException()
    endDryRun(input.DryRun)
    return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm: input.SigningAlgorithm }
  },
  record: (input, key) => recordOf(input, [key]),
})
