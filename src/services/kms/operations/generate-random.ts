import { z } from 'zod'
import { common } from '../../../kernel/errors.ts'
import { need, readOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../record.ts'
import { refuseUnsupported } from '../requirements.ts'
import * as shape from '../shapes.ts'

/** Gives random bytes from the system's generator. */
export const GenerateRandom = readOperation({
  name: 'GenerateRandom',
  errors: [errors.UnsupportedOperationException],
  input: z.object({
    NumberOfBytes: shape.numberOfBytes.optional(),
    CustomKeyStoreId: z.string().min(1).max(64).optional(),
    Recipient: shape.recipient.optional(),
  }),
  load: () => null,
  requires: (_input, _found, { region }) => [need('kms:GenerateRandom', '*', region)],
  run(input, _found, _call, { random }) {
    refuseUnsupported(input)
    if (input.CustomKeyStoreId !== undefined) {
      throw errors.UnsupportedOperationException('Custom key stores are not supported. Leave CustomKeyStoreId out.')
    }
    if (input.NumberOfBytes === undefined) throw common.ValidationException('NumberOfBytes is required.')
    return { Plaintext: random(input.NumberOfBytes) }
  },
  record: (input) => recordOf(input, []),
})
