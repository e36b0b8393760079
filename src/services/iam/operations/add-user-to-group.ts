import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { GROUPS_PER_USER } from '../limits.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { existing, findSubject, needOn, save } from '../subject.ts'

/** Puts a user into a group. One who is in it already stays so. */
export const AddUserToGroup = globalWriteOperation({
  name: 'AddUserToGroup',
  errors: [errors.LimitExceeded, errors.NoSuchEntity],
  input: z.object({ GroupName: shape.name, UserName: shape.name }),
  load: async ({ GroupName, UserName }, call, reads) => ({
    group: await findSubject('group', GroupName, call, reads),
    user: await findSubject('user', UserName, call, reads),
  }),
  requires: (_input, { group }) => [needOn('AddUserToGroup', group)],
  async run(_input, found, _call, { writes }): Promise<void> {
    const name = existing(found.group).name.toLowerCase()
    const user = existing(found.user)
    if (user.groups.includes(name)) return
    if (user.groups.length >= GROUPS_PER_USER) {
      throw errors.LimitExceeded(`Cannot exceed quota for GroupsPerUser: ${GROUPS_PER_USER}`)
    }
    await save(writes, found.user, { ...user, groups: [...user.groups, name] })
  },
  record: (input) => recordOf(input),
})
