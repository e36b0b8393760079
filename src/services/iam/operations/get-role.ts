import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { existing, findSubject, needOn } from '../subject.ts'
import { fullRoleView } from '../views.ts'

/** Shows a role. */
export const GetRole = globalReadOperation({
  name: 'GetRole',
  errors: [errors.NoSuchEntity],
  input: z.object({ RoleName: shape.name }),
  load: ({ RoleName }, call, reads) => findSubject('role', RoleName, call, reads),
  requires: (_input, role) => [needOn('GetRole', role)],
  async run(_input, role, { caller }, { reads }) {
    return { Role: await fullRoleView(caller.account, existing(role), reads) }
  },
  record: (input) => recordOf(input),
})
