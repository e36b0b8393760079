import { z } from 'zod'
import { memberArn } from '../../../domain/organization.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { requireMember } from '../find.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor } from '../requirements.ts'
import * as shape from '../shapes.ts'

/** Makes an account leave the organization: no policy of it is over the account any more. */
export const RemoveAccountFromOrganization = globalWriteOperation({
  name: 'RemoveAccountFromOrganization',
  errors: [
    errors.AccessDeniedException,
    errors.AccountNotFoundException,
    errors.AWSOrganizationsNotInUseException,
    errors.MasterCannotLeaveOrganizationException,
  ],
  input: z.object({ AccountId: shape.accountId }),
  async load({ AccountId }, call, reads) {
    const organization = await findManagedOrganization(call, reads)
    return { organization, member: await requireMember(reads, organization, AccountId) }
  },
  requires: ({ AccountId }, { organization }) => [
    needFor('RemoveAccountFromOrganization', memberArn(organization, AccountId)),
  ],
  async run({ AccountId }, { organization }, _call, { writes }): Promise<void> {
    if (AccountId === organization.managementAccount) throw errors.MasterCannotLeaveOrganizationException()
    await writes.deleteDocument({ kind: 'organization-member', account: organization.id, name: AccountId })
  },
  record: (input) => recordOf(input),
})
