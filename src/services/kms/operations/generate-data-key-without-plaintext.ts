import { readOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { encryption, requestAlias } from '../condition-keys.ts'
import { dataKeyErrors, dataKeyInput, makeDataKey } from '../cryptography/data-key.ts'
import { findKeyToUse } from '../keys/find-key.ts'
import { withGrantTokens } from '../grants/grant-tokens.ts'
import { recordOf } from '../record.ts'

const ACTION = 'kms:GenerateDataKeyWithoutPlaintext'
const find = findKeyToUse(ACTION)

/** Makes an encrypted data key for later use. Nobody sees it in the clear before it is decrypted. */
export const GenerateDataKeyWithoutPlaintext = readOperation({
  name: 'GenerateDataKeyWithoutPlaintext',
  cryptographic: true,
  errors: dataKeyErrors,
  input: dataKeyInput.omit({ Recipient: true }),
  load: ({ KeyId, GrantTokens }, call, reads) => withGrantTokens(GrantTokens, reads, () => find(KeyId, call, reads)),
  requires: ({ KeyId, EncryptionContext }, key, { region }) => [
    need(ACTION, key, region, { ...encryption('SYMMETRIC_DEFAULT', EncryptionContext), ...requestAlias(KeyId) }),
  ],
  run(input, key, { now }, { random }) {
    const { plaintext, answer } = makeDataKey('GenerateDataKeyWithoutPlaintext', input, key, now, random)
    plaintext.fill(0)
    return answer
  },
  record: (input, key) => recordOf(input, [key]),
})
