import { z } from 'zod'
import { memberArn } from '../../../domain/organization.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { accountAnswer } from '../answers.ts'
import { errors } from '../errors.ts'
import { requireMember } from '../find.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor } from '../requirements.ts'
import * as shape from '../shapes.ts'

/** Tells what an account of the organization is called, and how it came there. */
export const DescribeAccount = globalReadOperation({
  name: 'DescribeAccount',
  errors: [errors.AccessDeniedException, errors.AccountNotFoundException, errors.AWSOrganizationsNotInUseException],
  input: z.object({ AccountId: shape.accountId }),
  async load({ AccountId }, call, reads) {
    const organization = await findManagedOrganization(call, reads)
    return { organization, member: await requireMember(reads, organization, AccountId) }
  },
  requires: ({ AccountId }, { organization }) => [needFor('DescribeAccount', memberArn(organization, AccountId))],
  run: async (_input, { organization, member }, _call, { reads }) => ({
    Account: await accountAnswer(reads, organization, member),
  }),
  record: (input) => recordOf(input),
})
