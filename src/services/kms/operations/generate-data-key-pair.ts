import { need, readOperation } from '../../../kernel/operation.ts'
import { dataKeyErrors } from '../data-key.ts'
import { dataKeyPairContext, dataKeyPairInput, makeDataKeyPair } from '../data-key-pair.ts'
import { findKeyToUse } from '../find-key.ts'
import { withGrantTokens } from '../grant-tokens.ts'
import { recordOf } from '../record.ts'

const ACTION = 'kms:GenerateDataKeyPair'
const find = findKeyToUse(ACTION)

/** Makes a key pair: its private half in the clear to be used now, and encrypted to be kept. */
export const GenerateDataKeyPair = readOperation({
  name: 'GenerateDataKeyPair',
  cryptographic: true,
  errors: dataKeyErrors,
  input: dataKeyPairInput,
  load: ({ KeyId, GrantTokens }, call, reads) => withGrantTokens(GrantTokens, reads, find(KeyId, call, reads)),
  requires: (input, key, { region }) => [need(ACTION, key, region, dataKeyPairContext(input))],
  async run(input, key, { now }) {
    const { plaintext, answer } = await makeDataKeyPair('GenerateDataKeyPair', input, key, now)
    return { ...answer, PrivateKeyPlaintext: plaintext }
  },
  record: (input, key) => recordOf(input, [key]),
})
