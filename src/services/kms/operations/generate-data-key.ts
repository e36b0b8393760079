import { need, readOperation } from '../../../kernel/operation.ts'
import { encryption, requestAlias } from '../condition-keys.ts'
import { dataKeyErrors, dataKeyInput, makeDataKey } from '../data-key.ts'
import { findKeyToUse } from '../find-key.ts'
import { withGrantTokens } from '../grant-tokens.ts'
import { recordOf } from '../record.ts'

const ACTION = 'kms:GenerateDataKey'
const find = findKeyToUse(ACTION)

/** Makes a data key: in the clear to be used now, and encrypted to be kept. */
export const GenerateDataKey = readOperation({
  name: 'GenerateDataKey',
  cryptographic: true,
  errors: dataKeyErrors,
  input: dataKeyInput,
  load: ({ KeyId, GrantTokens }, call, reads) => withGrantTokens(GrantTokens, reads, find(KeyId, call, reads)),
  requires: ({ KeyId, EncryptionContext }, key, { region }) => [
    need(ACTION, key, region, { ...encryption('SYMMETRIC_DEFAULT', EncryptionContext), ...requestAlias(KeyId) }),
  ],
  run(input, key, { now }, { random }) {
    const { plaintext, answer } = makeDataKey('GenerateDataKey', input, key, now, random)
    return { ...answer, Plaintext: plaintext }
  },
  record: (input, key) => recordOf(input, [key]),
})
