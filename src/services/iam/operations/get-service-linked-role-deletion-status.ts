import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../record.ts'
import { isDeletable, roleOfTask } from '../service-linked-role.ts'
import { findSubject, needOn } from '../subject.ts'

/** Of how many keys in each Region it is told that they need the role. */
const KEYS_SHOWN = 100

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
  async run(_input, { document }, { caller }, { regional }) {
    if (document === null) return { Status: 'SUCCEEDED' }
    if (isDeletable(document)) return { Status: 'IN_PROGRESS' }
    const keys = await regional.multiRegionKeys(caller.account, KEYS_SHOWN)
    if (keys === null) return { Status: 'IN_PROGRESS' }
    const RoleUsageList = [...keys].map(([Region, Resources]) => ({ Region, Resources }))
    const Reason =
      RoleUsageList.length > 0
        ? 'Account owns one or more multi-Region keys'
        : 'AWS KMS does not let its role for multi-Region keys be deleted, though the account has no such keys.'
    return { Status: 'FAILED', Reason: { Reason, RoleUsageList } }
  },
  record: (input) => recordOf(input),
})
