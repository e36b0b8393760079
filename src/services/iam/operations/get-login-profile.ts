import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { findKeyOwner, needOnOwner } from '../access-keys.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { existing } from '../subject.ts'

/** Says that a user has no password: nobody has one here. Tools ask before they delete a user. */
export const GetLoginProfile = globalReadOperation({
  name: 'GetLoginProfile',
  errors: [errors.NoSuchEntity, errors.ValidationError],
  input: z.object({ UserName: shape.name.optional() }),
  load: ({ UserName }, call, reads) => findKeyOwner(UserName, call, reads),
  requires: (_input, user, call) => [needOnOwner('GetLoginProfile', user, call)],
  run(_input, user): Record<string, never> {
    const name = user === null ? 'root' : existing(user).name
    throw errors.NoSuchEntity(`Login Profile for User ${name} cannot be found.`)
  },
  record: (input) => recordOf(input),
})
