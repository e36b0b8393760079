import { z } from 'zod'
import { accountProfile } from '../../../domain/account.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { findAccount, needFor } from '../find-account.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

/** Tells the management account the address of another account's root user. */
export const GetPrimaryEmail = globalReadOperation({
  name: 'GetPrimaryEmail',
  errors: [errors.AccessDeniedException],
  input: z.object({ AccountId: shape.accountId }),
  load: ({ AccountId }, call, reads) => findAccount(AccountId, call, reads),
  requires: (_input, account) => [needFor('GetPrimaryEmail', account)],
  async run(_input, { id: account }, _call, { reads }) {
    const kept = await reads.document({ kind: 'account', account, name: account })
    return { PrimaryEmail: accountProfile(account, kept).email }
  },
  record: (input) => recordOf(input),
})
