import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findOrganization, needFor } from '../requirements.ts'

/** Makes the caller's account leave its organization. A service control policy can forbid it. */
export const LeaveOrganization = globalWriteOperation({
  name: 'LeaveOrganization',
  errors: [errors.AWSOrganizationsNotInUseException, errors.MasterCannotLeaveOrganizationException],
  input: z.object({}),
  load: (_input, call, reads) => findOrganization(call, reads),
  requires: () => [needFor('LeaveOrganization')],
  async run(_input, { id, managementAccount }, { caller }, { writes }): Promise<void> {
    if (caller.account === managementAccount) throw errors.MasterCannotLeaveOrganizationException()
    await writes.deleteDocument({ kind: 'organization-member', account: id, name: caller.account })
  },
  record: (input) => recordOf(input),
})
