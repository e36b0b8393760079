import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { membersOf } from '../members.ts'
import { recordOf } from '../record.ts'
import { requireNoPolicies } from '../require-unused.ts'
import * as shape from '../shapes.ts'
import { existing, findSubject, needOn } from '../subject.ts'

/** Deletes a group that has no members and policies any more. */
export const DeleteGroup = globalWriteOperation({
  name: 'DeleteGroup',
  errors: [errors.DeleteConflict, errors.NoSuchEntity],
  input: z.object({ GroupName: shape.name }),
  load: ({ GroupName }, call, reads) => findSubject('group', GroupName, call, reads),
  requires: (_input, group) => [needOn('DeleteGroup', group)],
  async run(_input, found, { caller: { account } }, { writes }): Promise<void> {
    const group = existing(found)
    if ((await membersOf(writes, account, group.name)).length > 0) {
      throw errors.DeleteConflict('Cannot delete entity, must remove users from group first.')
    }
    requireNoPolicies(group)
    await writes.deleteDocument({ kind: 'group', account, name: group.name.toLowerCase() })
  },
  record: (input) => recordOf(input),
})
