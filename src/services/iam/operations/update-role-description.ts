import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { existing, findSubject, needOn, save } from '../subject.ts'
import { fullRoleView } from '../views.ts'

/** Changes a role's description, a service-linked role's too. */
export const UpdateRoleDescription = globalWriteOperation({
  name: 'UpdateRoleDescription',
  errors: [errors.NoSuchEntity],
  input: z.object({ RoleName: shape.name, Description: shape.description }),
  load: ({ RoleName }, call, reads) => findSubject('role', RoleName, call, reads),
  requires: (_input, role) => [needOn('UpdateRoleDescription', role)],
  async run({ Description }, found, { caller }, { writes }) {
    const role = { ...existing(found), description: Description }
    await save(writes, found, role)
    return { Role: await fullRoleView(caller.account, role, writes) }
  },
  record: (input, _role, output) => recordOf(input, output),
})
