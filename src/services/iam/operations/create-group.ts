import { z } from 'zod'
import type { Group } from '../../../domain/identity.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { uniqueId } from '../ids.ts'
import { GROUPS_PER_ACCOUNT } from '../limits.ts'
import { recordOf } from '../record.ts'
import { requireFreeName, requireRoom } from '../require-room.ts'
import * as shape from '../shapes.ts'
import { needIn, save, subjects } from '../subject.ts'
import { groupView } from '../views.ts'

/** Makes a group, which has no members yet. */
export const CreateGroup = globalWriteOperation({
  name: 'CreateGroup',
  errors: [errors.EntityAlreadyExists, errors.LimitExceeded],
  input: z.object({ GroupName: shape.groupName, Path: shape.path.default('/') }),
  load: () => null,
  requires: ({ GroupName, Path }, _found, { caller }) => [
    needIn('CreateGroup', subjects.group.arn(caller.account, { path: Path, name: GroupName })),
  ],
  async run({ GroupName, Path }, _found, { caller: { account }, now }, { writes, random }) {
    await requireFreeName('group', account, GroupName, writes)
    await requireRoom('group', account, { name: 'GroupsPerAccount', limit: GROUPS_PER_ACCOUNT }, writes)
    const group: Group = {
      id: uniqueId('AGPA', random),
      name: GroupName,
      path: Path,
      createdAt: now,
      inlinePolicies: {},
      attachedPolicies: [],
    }
    await save(writes, { kind: 'group', account }, group)
    return { Group: groupView(account, group) }
  },
  record: (input, _found, output) => recordOf(input, output),
})
