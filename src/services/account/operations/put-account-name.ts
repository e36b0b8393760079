import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { findAccount, needFor } from '../find-account.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

/** Gives an account another name. */
export const PutAccountName = globalWriteOperation({
  name: 'PutAccountName',
  errors: [errors.AccessDeniedException],
  input: z.object({ AccountId: shape.accountId.optional(), AccountName: shape.accountName }),
  load: ({ AccountId }, call, reads) => findAccount(AccountId, call, reads),
  requires: (_input, account) => [needFor('PutAccountName', account)],
  async run({ AccountName }, { id: account }, { now }, { writes }): Promise<void> {
    const key = { kind: 'account', account, name: account } as const
    const kept = (await writes.document(key)) ?? { createdAt: now }
    await writes.putDocument(key, { ...kept, name: AccountName })
  },
  record: (input) => recordOf(input),
})
