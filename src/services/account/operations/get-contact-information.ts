import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { findAccount, needFor } from '../find-account.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

/** Tells how the holder of an account is reached. */
export const GetContactInformation = globalReadOperation({
  name: 'GetContactInformation',
  errors: [errors.AccessDeniedException, errors.ResourceNotFoundException],
  input: z.object({ AccountId: shape.accountId.optional() }),
  load: ({ AccountId }, call, reads) => findAccount(AccountId, call, reads),
  requires: (_input, account) => [needFor('GetContactInformation', account)],
  async run(_input, { id: account }, _call, { reads }) {
    const contact = await reads.document({ kind: 'contact', account, name: 'primary' })
    if (contact === null) {
      throw errors.ResourceNotFoundException('No contact information was found for the account.')
    }
    return { ContactInformation: contact }
  },
  record: (input) => recordOf(input),
})
