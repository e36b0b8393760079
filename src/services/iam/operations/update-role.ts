import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { changeable, existing, findSubject, needOn, save } from '../subject.ts'

/** Changes a role's description and how long its sessions may be. Of a service-linked role, only the description. */
export const UpdateRole = globalWriteOperation({
  name: 'UpdateRole',
  errors: [errors.NoSuchEntity, errors.UnmodifiableEntity],
  input: z.object({
    RoleName: shape.name,
    Description: shape.description.optional(),
    MaxSessionDuration: shape.maxSessionDuration.optional(),
  }),
  load: ({ RoleName }, call, reads) => findSubject('role', RoleName, call, reads),
  requires: (_input, role) => [needOn('UpdateRole', role)],
  async run({ Description, MaxSessionDuration }, found, _call, { writes }) {
    const role = MaxSessionDuration === undefined ? existing(found) : changeable(found)
    const description = Description ?? role.description
    await save(writes, found, {
      ...role,
      description,
      maxSessionDuration: MaxSessionDuration ?? role.maxSessionDuration,
    })
    return {}
  },
  record: (input) => recordOf(input),
})
