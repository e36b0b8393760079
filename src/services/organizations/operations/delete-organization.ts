import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { allDocuments } from '../../../storage/organization-reads.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor } from '../requirements.ts'

/** Ends an organization that no other account is in, with its units and policies. */
export const DeleteOrganization = globalWriteOperation({
  name: 'DeleteOrganization',
  errors: [
    errors.AccessDeniedException,
    errors.AWSOrganizationsNotInUseException,
    errors.OrganizationNotEmptyException,
  ],
  input: z.object({}),
  load: (_input, call, reads) => findManagedOrganization(call, reads),
  requires: () => [needFor('DeleteOrganization')],
  async run(_input, { id, managementAccount }, _call, { writes }): Promise<void> {
    const members = await allDocuments(writes, 'organization-member', id)
    if (members.length > 1) throw errors.OrganizationNotEmptyException()
    for (const kind of ['organizational-unit', 'control-policy', 'account-creation', 'invitation'] as const) {
      for (const { id: name } of await allDocuments(writes, kind, id)) {
        await writes.deleteDocument({ kind, account: id, name })
      }
    }
    await writes.deleteDocument({ kind: 'organization-member', account: id, name: managementAccount })
    await writes.deleteDocument({ kind: 'organization', account: '', name: id })
  },
  record: (input) => recordOf(input),
})
