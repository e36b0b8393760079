import { readOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { dataKeyErrors } from '../cryptography/data-key.ts'
import { dataKeyPairContext, dataKeyPairInput, makeDataKeyPair } from '../cryptography/data-key-pair.ts'
import { findKeyToUse } from '../keys/find-key.ts'
import { withGrantTokens } from '../grants/grant-tokens.ts'
import { attestationKeys, findRecipient, recordWithRecipient, secretAnswer } from '../cryptography/recipient.ts'

const ACTION = 'kms:GenerateDataKeyPair'
const find = findKeyToUse(ACTION)

/** Makes a key pair: its private half in the clear to be used now, and encrypted to be kept. */
export const GenerateDataKeyPair = readOperation({
  name: 'GenerateDataKeyPair',
  cryptographic: true,
  errors: dataKeyErrors,
  input: dataKeyPairInput,
  async load({ KeyId, GrantTokens, Recipient }, call, reads) {
    const recipient = findRecipient(Recipient, call, reads)
    return { recipient, key: await withGrantTokens(GrantTokens, reads, () => find(KeyId, call, reads)) }
  },
  requires: (input, { key, recipient }, { region }) => [
    need(ACTION, key, region, { ...dataKeyPairContext(input), ...attestationKeys(recipient) }),
  ],
  async run(input, { key, recipient }, { now }) {
    const { plaintext, answer } = await makeDataKeyPair('GenerateDataKeyPair', input, key, now)
    return { ...answer, ...secretAnswer(recipient, 'PrivateKeyPlaintext', plaintext) }
  },
  record: (input, found) => recordWithRecipient(input, found),
})
