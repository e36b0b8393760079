import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../record.ts'
import { rename } from '../rename.ts'
import * as shape from '../shapes.ts'
import { existing, findSubject, needIn, needOn, subjects } from '../subject.ts'

/** Gives a user another name or path. Its id, policies, groups and access keys stay. */
export const UpdateUser = globalWriteOperation({
  name: 'UpdateUser',
  errors: [errors.EntityAlreadyExists, errors.NoSuchEntity],
  input: z.object({
    UserName: shape.name,
    NewUserName: shape.userName.optional(),
    NewPath: shape.path.optional(),
  }),
  load: ({ UserName }, call, reads) => findSubject('user', UserName, call, reads),
  // Both names matter (IAM API Reference, "UpdateUser").
  requires: ({ NewUserName, NewPath }, user, { caller }) => [
    needOn('UpdateUser', user),
    needIn(
      'UpdateUser',
      subjects.user.arn(caller.account, {
        path: NewPath ?? user.document?.path ?? '/',
        name: NewUserName ?? user.document?.name ?? user.name,
      }),
    ),
  ],
  async run({ NewUserName, NewPath }, found, _call, { writes }): Promise<void> {
    const user = existing(found)
    await rename(writes, found, { ...user, name: NewUserName ?? user.name, path: NewPath ?? user.path })
  },
  record: (input) => recordOf(input),
})
