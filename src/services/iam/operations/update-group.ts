import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { membersOf } from '../members.ts'
import { recordOf } from '../record.ts'
import { rename } from '../rename.ts'
import * as shape from '../shapes.ts'
import { existing, findSubject, needIn, needOn, save, subjects } from '../subject.ts'

/** Gives a group another name or path. Its id, policies and members stay. */
export const UpdateGroup = globalWriteOperation({
  name: 'UpdateGroup',
  errors: [errors.EntityAlreadyExists, errors.NoSuchEntity],
  input: z.object({
    GroupName: shape.name,
    NewGroupName: shape.groupName.optional(),
    NewPath: shape.path.optional(),
  }),
  load: ({ GroupName }, call, reads) => findSubject('group', GroupName, call, reads),
  // Both names matter (IAM API Reference, "UpdateGroup").
  requires: ({ NewGroupName, NewPath }, group, { caller }) => [
    needOn('UpdateGroup', group),
    needIn(
      'UpdateGroup',
      subjects.group.arn(caller.account, {
        path: NewPath ?? group.document?.path ?? '/',
        name: NewGroupName ?? group.document?.name ?? group.name,
      }),
    ),
  ],
  async run({ NewGroupName, NewPath }, found, { caller: { account } }, { writes }): Promise<void> {
    const group = existing(found)
    const renamed = { ...group, name: NewGroupName ?? group.name, path: NewPath ?? group.path }
    await rename(writes, found, renamed)
    // Users know their groups by name.
    const [before, after] = [group.name.toLowerCase(), renamed.name.toLowerCase()]
    for (const user of await membersOf(writes, account, group.name)) {
      const groups = user.groups.map((name) => (name === before ? after : name))
      await save(writes, { kind: 'user', account }, { ...user, groups })
    }
  },
  record: (input) => recordOf(input),
})
