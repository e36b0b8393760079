import { z } from 'zod'
import type { User } from '../../../domain/identity.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { acceptBoundary } from '../boundaries.ts'
import { errors } from '../errors.ts'
import { uniqueId } from '../ids.ts'
import { USERS_PER_ACCOUNT } from '../limits.ts'
import { recordOf } from '../record.ts'
import { requireFreeName, requireRoom } from '../require-room.ts'
import * as shape from '../shapes.ts'
import { needIn, save, subjects } from '../subject.ts'
import { addTags, requestTagKeys } from '../tags.ts'
import { fullUserView } from '../views.ts'

/** Makes a user, who may do nothing and has no access key yet. */
export const CreateUser = globalWriteOperation({
  name: 'CreateUser',
  errors: [
    errors.EntityAlreadyExists,
    errors.InvalidInput,
    errors.LimitExceeded,
    errors.NoSuchEntity,
    errors.ValidationError,
  ],
  input: z.object({
    UserName: shape.userName,
    Path: shape.path.default('/'),
    PermissionsBoundary: shape.arn.optional(),
    Tags: shape.tags.default([]),
  }),
  load: () => null,
  requires({ UserName, Path, PermissionsBoundary, Tags }, _found, { caller }) {
    const arn = subjects.user.arn(caller.account, { path: Path, name: UserName })
    const asked = requestTagKeys(Tags)
    const boundary = PermissionsBoundary === undefined ? {} : { 'iam:PermissionsBoundary': PermissionsBoundary }
    const creation = needIn('CreateUser', arn, { ...asked, ...boundary })
    return Tags.length > 0 ? [creation, needIn('TagUser', arn, asked)] : [creation]
  },
  async run({ UserName, Path, PermissionsBoundary, Tags }, _found, call, { writes, random }) {
    const { account } = call.caller
    await requireFreeName('user', account, UserName, writes)
    await requireRoom('user', account, { name: 'UsersPerAccount', limit: USERS_PER_ACCOUNT }, writes)
    if (PermissionsBoundary !== undefined) await acceptBoundary(PermissionsBoundary, call, writes)
    const user: User = {
      id: uniqueId('AIDA', random),
      name: UserName,
      path: Path,
      createdAt: call.now,
      inlinePolicies: {},
      attachedPolicies: [],
      groups: [],
      boundary: PermissionsBoundary ?? null,
      tags: [...addTags([], Tags), ...(call.systemTags ?? [])],
    }
    await save(writes, { kind: 'user', account }, user)
    return { User: fullUserView(account, user) }
  },
  record: (input, _found, output) => recordOf(input, output),
})
