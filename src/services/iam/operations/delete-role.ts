import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { deletePrincipal } from '../../../storage/deleted-principals.ts'
import { deleteSessions } from '../access-keys.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../record.ts'
import { requireNoPolicies } from '../require-unused.ts'
import * as shape from '../shapes.ts'
import { changeable, findSubject, needOn } from '../subject.ts'

/** Deletes a role that has no policies any more. */
export const DeleteRole = globalWriteOperation({
  name: 'DeleteRole',
  errors: [errors.DeleteConflict, errors.NoSuchEntity, errors.UnmodifiableEntity],
  input: z.object({ RoleName: shape.name }),
  load: ({ RoleName }, call, reads) => findSubject('role', RoleName, call, reads),
  requires: (_input, role) => [needOn('DeleteRole', role)],
  async run(_input, found, { caller: { account }, now }, { writes }): Promise<void> {
    const role = changeable(found)
    requireNoPolicies(role)
    await deleteSessions(account, role.id, writes)
    await deletePrincipal(writes, { kind: 'role', account, content: role }, now)
  },
  record: (input) => recordOf(input),
})
