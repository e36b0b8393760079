import { z } from 'zod'
import { rootArn } from '../../../domain/arn.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { findKeyOwner, needOnOwner } from '../access-keys.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { existing } from '../subject.ts'
import { fullUserView } from '../views.ts'

/** Shows a user; without a name, the caller. */
export const GetUser = globalReadOperation({
  name: 'GetUser',
  errors: [errors.NoSuchEntity, errors.ValidationError],
  input: z.object({ UserName: shape.name.optional() }),
  load: ({ UserName }, call, reads) => findKeyOwner(UserName, call, reads),
  requires: (_input, user, call) => [needOnOwner('GetUser', user, call)],
  async run(_input, user, { caller: { account } }, { reads }) {
    if (user !== null) return { User: fullUserView(account, existing(user)) }
    const created = await reads.document({ kind: 'account', account, name: account })
    const CreateDate = new Date(created?.createdAt ?? 0)
    // The root user has neither name nor path, and the account's id for an id.
    return { User: { UserId: account, Arn: rootArn(account), CreateDate } }
  },
  record: (input) => recordOf(input),
})
