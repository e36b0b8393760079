import { readOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { dataKeyErrors } from '../cryptography/data-key.ts'
import { dataKeyPairContext, dataKeyPairInput, makeDataKeyPair } from '../cryptography/data-key-pair.ts'
import { findKeyToUse } from '../keys/find-key.ts'
import { withGrantTokens } from '../grants/grant-tokens.ts'
import { recordOf } from '../record.ts'

const ACTION = 'kms:GenerateDataKeyPairWithoutPlaintext'
const find = findKeyToUse(ACTION)

/** Makes a key pair with an encrypted private half. Nobody sees that in the clear before it is decrypted. */
export const GenerateDataKeyPairWithoutPlaintext = readOperation({
  name: 'GenerateDataKeyPairWithoutPlaintext',
  cryptographic: true,
  errors: dataKeyErrors,
  input: dataKeyPairInput.omit({ Recipient: true }),
  load: ({ KeyId, GrantTokens }, call, reads) => withGrantTokens(GrantTokens, reads, () => find(KeyId, call, reads)),
  requires: (input, key, { region }) => [need(ACTION, key, region, dataKeyPairContext(input))],
  async run(input, key, { now }) {
    const { plaintext, answer } = await makeDataKeyPair('GenerateDataKeyPairWithoutPlaintext', input, key, now)
    plaintext.fill(0)
    return answer
  },
  record: (input, key) => recordOf(input, [key]),
})
