import { readOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { requestAlias } from '../condition-keys.ts'
import { errors } from '../errors.ts'
import { findKeyToUse } from '../keys/find-key.ts'
import { withGrantTokens } from '../grants/grant-tokens.ts'
import { requireSigning, signingContext, signingInput, signWith } from '../cryptography/message.ts'
import { recordOf } from '../record.ts'
import { endDryRun } from '../requirements.ts'
import { useErrors } from '../cryptography/use.ts'

const ACTION = 'kms:Sign'
const find = findKeyToUse(ACTION)

/** Signs a message of up to 4,096 bytes, or the digest of one of any length. */
export const Sign = readOperation({
  name: 'Sign',
  cryptographic: true,
  errors: [...useErrors, errors.UnsupportedOperationException],
  input: signingInput,
  load: ({ KeyId, GrantTokens }, call, reads) => withGrantTokens(GrantTokens, reads, () => find(KeyId, call, reads)),
  requires: (input, key, { region }) => [
    need(ACTION, key, region, { ...signingContext(input), ...requestAlias(input.KeyId) }),
  ],
  async run(input, key) {
    requireSigning('Sign', input, key)
    endDryRun(input.DryRun)
    const Signature = await signWith(key, input)
    return { KeyId: key.arn, Signature, SigningAlgorithm: input.SigningAlgorithm }
  },
  record: (input, key) => recordOf(input, [key]),
})
