import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { deletePrincipal } from '../../../storage/deleted-principals.ts'
import { deleteSessions, keysOf } from '../access-keys.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../record.ts'
import { requireNoPolicies } from '../require-unused.ts'
import * as shape from '../shapes.ts'
import { existing, findSubject, needOn } from '../subject.ts'

/** Deletes a user that has no access keys, policies and groups any more. */
export const DeleteUser = globalWriteOperation({
  name: 'DeleteUser',
  errors: [errors.DeleteConflict, errors.NoSuchEntity],
  input: z.object({ UserName: shape.name }),
  load: ({ UserName }, call, reads) => findSubject('user', UserName, call, reads),
  requires: (_input, user) => [needOn('DeleteUser', user)],
  async run(_input, found, call, { writes }): Promise<void> {
    const { now, caller } = call
    const { account } = caller
    const user = existing(found)
    if ((await keysOf(found, call, writes)).length > 0) {
      throw errors.DeleteConflict('Cannot delete entity, must delete access keys first.')
    }
    requireNoPolicies(user)
    if (user.groups.length > 0) throw errors.DeleteConflict('Cannot delete entity, must remove user from groups first.')
    await deleteSessions(account, user.id, writes)
    await deletePrincipal(writes, { kind: 'user', account, content: user }, now)
  },
  record: (input) => recordOf(input),
})
