import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../record.ts'
import { refuseDeletion, roleOfTask } from '../service-linked-role.ts'
import { findSubject, needOn } from '../subject.ts'

/** Says what became of an attempt to delete a service-linked role. */
export const GetServiceLinkedRoleDeletionStatus = globalReadOperation({
  name: 'GetServiceLinkedRoleDeletionStatus',
  errors: [errors.InvalidInput, errors.NoSuchEntity],
  input: z.object({ DeletionTaskId: z.string().min(1).max(1000) }),
  load({ DeletionTaskId }, call, reads) {
    const name = roleOfTask(DeletionTaskId)
    if (name === null) throw errors.NoSuchEntity(`The deletion task ${DeletionTaskId} cannot be found.`)
    return findSubject('role', name, call, reads)
  },
  requires: (_input, role) => [needOn('GetServiceLinkedRoleDeletionStatus', role)],
  run(_input, { document }) {
    if (document === null) return { Status: 'SUCCEEDED' }
    const Reason = refuseDeletion(document)
    return Reason === null ? { Status: 'IN_PROGRESS' } : { Status: 'FAILED', Reason: { Reason, RoleUsageList: [] } }
  },
  record: (input) => recordOf(input),
})
