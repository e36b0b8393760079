import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { deletePrincipal } from '../../../storage/deleted-principals.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../record.ts'
import { deletionTask, isDeletable } from '../service-linked-role.ts'
import * as shape from '../shapes.ts'
import { existing, findSubject, needOn } from '../subject.ts'

/** Asks the service of a service-linked role whether it can do without; what it says is the task's status. */
export const DeleteServiceLinkedRole = globalWriteOperation({
  name: 'DeleteServiceLinkedRole',
  errors: [errors.InvalidInput, errors.NoSuchEntity],
  input: z.object({ RoleName: shape.name }),
  load: ({ RoleName }, call, reads) => findSubject('role', RoleName, call, reads),
  requires: (_input, role) => [needOn('DeleteServiceLinkedRole', role)],
  async run(_input, found, { caller: { account }, now }, { writes, random }) {
    const role = existing(found)
    if (role.serviceLinkedTo === null) throw errors.InvalidInput(`The role ${role.name} is not a service-linked role.`)
    if (isDeletable(role)) await deletePrincipal(writes, { kind: 'role', account, content: role }, now)
    return { DeletionTaskId: deletionTask(role, random) }
  },
  record: (input, _found, output) => recordOf(input, output),
})
