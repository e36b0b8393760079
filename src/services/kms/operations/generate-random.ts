import { z } from 'zod'
import { common } from '../../../kernel/errors.ts'
import { readOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { noSuchKeyStore } from '../custom-key-store.ts'
import { errors } from '../errors.ts'
import { attestationKeys, findRecipient, recordWithRecipient, secretAnswer } from '../cryptography/recipient.ts'
import * as shape from '../shapes.ts'

/** Gives random bytes from the system's generator. */
export const GenerateRandom = readOperation({
  name: 'GenerateRandom',
  errors: [errors.CustomKeyStoreNotFoundException, errors.UnsupportedOperationException],
  input: z.object({
    NumberOfBytes: shape.numberOfBytes.optional(),
    CustomKeyStoreId: z.string().min(1).max(64).optional(),
    Recipient: shape.recipient.optional(),
  }),
  load: ({ Recipient }, call, reads) => ({ key: null, recipient: findRecipient(Recipient, call, reads) }),
  requires: (_input, { recipient }, { region }) => [
    need('kms:GenerateRandom', '*', region, attestationKeys(recipient)),
  ],
  run(input, { recipient }, _call, { random }) {
    if (input.CustomKeyStoreId !== undefined) throw noSuchKeyStore(input.CustomKeyStoreId)
    if (input.NumberOfBytes === undefined) throw common.ValidationException('NumberOfBytes is required.')
    return secretAnswer(recipient, 'Plaintext', random(input.NumberOfBytes))
  },
  record: (input, found) => recordWithRecipient(input, found),
})
