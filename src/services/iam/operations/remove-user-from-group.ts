import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { existing, findSubject, needOn, save } from '../subject.ts'

/** Takes a user out of a group. */
export const RemoveUserFromGroup = globalWriteOperation({
  name: 'RemoveUserFromGroup',
  errors: [errors.NoSuchEntity],
  input: z.object({ GroupName: shape.name, UserName: shape.name }),
  load: async ({ GroupName, UserName }, call, reads) => ({
    group: await findSubject('group', GroupName, call, reads),
    user: await findSubject('user', UserName, call, reads),
  }),
  requires: (_input, { group }) => [needOn('RemoveUserFromGroup', group)],
  async run(_input, found, _call, { writes }): Promise<void> {
    const group = existing(found.group)
    const user = existing(found.user)
    const groups = user.groups.filter((name) => name !== group.name.toLowerCase())
    if (groups.length === user.groups.length) {
      throw errors.NoSuchEntity(`User ${user.name} is not in group ${group.name}.`)
    }
    await save(writes, found.user, { ...user, groups })
  },
  record: (input) => recordOf(input),
})
