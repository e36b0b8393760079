import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { findAccount, needFor } from '../find-account.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

/** Keeps how the holder of an account is reached. */
export const PutContactInformation = globalWriteOperation({
  name: 'PutContactInformation',
  errors: [errors.AccessDeniedException],
  input: z.object({ AccountId: shape.accountId.optional(), ContactInformation: shape.contactInformation }),
  load: ({ AccountId }, call, reads) => findAccount(AccountId, call, reads),
  requires: (_input, account) => [needFor('PutContactInformation', account)],
  run: ({ ContactInformation }, { id: account }, _call, { writes }) =>
    writes.putDocument({ kind: 'contact', account, name: 'primary' }, ContactInformation),
  // A person's address is nobody else's business.
  record: ({ AccountId }) => recordOf({ AccountId }),
})
