import { readOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { encryption, requestAlias } from '../condition-keys.ts'
import { dataKeyErrors, dataKeyInput, makeDataKey } from '../cryptography/data-key.ts'
import { findKeyToUse } from '../keys/find-key.ts'
import { withGrantTokens } from '../grants/grant-tokens.ts'
import { attestationKeys, findRecipient, recordWithRecipient, secretAnswer } from '../cryptography/recipient.ts'

const ACTION = 'kms:GenerateDataKey'
const find = findKeyToUse(ACTION)

/** Makes a data key: in the clear to be used now, and encrypted to be kept. */
export const GenerateDataKey = readOperation({
  name: 'GenerateDataKey',
  cryptographic: true,
  errors: dataKeyErrors,
  input: dataKeyInput,
  async load({ KeyId, GrantTokens, Recipient }, call, reads) {
    const recipient = findRecipient(Recipient, call, reads)
    return { recipient, key: await withGrantTokens(GrantTokens, reads, () => find(KeyId, call, reads)) }
  },
  requires: ({ KeyId, EncryptionContext }, { key, recipient }, { region }) => [
    need(ACTION, key, region, {
      ...encryption('SYMMETRIC_DEFAULT', EncryptionContext),
      ...requestAlias(KeyId),
      ...attestationKeys(recipient),
    }),
  ],
  run(input, { key, recipient }, { now }, { random }) {
    const { plaintext, answer } = makeDataKey('GenerateDataKey', input, key, now, random)
    return { ...answer, ...secretAnswer(recipient, 'Plaintext', plaintext) }
  },
  record: (input, found) => recordWithRecipient(input, found),
})
