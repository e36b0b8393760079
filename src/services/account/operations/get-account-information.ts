import { z } from 'zod'
import { accountProfile } from '../../../domain/account.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { findAccount, needFor } from '../find-account.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

/** Tells what an account is called and since when it exists. */
export const GetAccountInformation = globalReadOperation({
  name: 'GetAccountInformation',
  errors: [errors.AccessDeniedException],
  input: z.object({ AccountId: shape.accountId.optional() }),
  load: ({ AccountId }, call, reads) => findAccount(AccountId, call, reads),
  requires: (_input, account) => [needFor('GetAccountInformation', account)],
  async run(_input, { id: account }, _call, { reads }) {
    const kept = await reads.document({ kind: 'account', account, name: account })
    return {
      AccountId: account,
      AccountName: accountProfile(account, kept).name,
      // In AWS's model this time alone is text.
      AccountCreatedDate: new Date(kept?.createdAt ?? 0).toISOString(),
      AccountState: 'ACTIVE',
    }
  },
  record: (input) => recordOf(input),
})
