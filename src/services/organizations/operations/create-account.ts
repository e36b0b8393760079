import { z } from 'zod'
import type { AccountCreation } from '../../../domain/organization.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { acceptTags } from '../accept-tags.ts'
import { creationAnswer } from '../answers.ts'
import { errors } from '../errors.ts'
import { makeAccount } from '../make-account.ts'
import { newId } from '../new-id.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor, tagContext } from '../requirements.ts'
import * as shape from '../shapes.ts'

/** CloudTrail hides whose an account is (AWS Organizations User Guide, "Logging API calls"). */
const HIDDEN = '****'

/** Makes an account in the organization. It is there at once; AWS takes minutes. */
export const CreateAccount = globalWriteOperation({
  name: 'CreateAccount',
  errors: [
    errors.AccessDeniedException,
    errors.AWSOrganizationsNotInUseException,
    errors.ConstraintViolationException,
    errors.InvalidInputException,
  ],
  input: z.object({
    AccountName: shape.accountName,
    Email: shape.email,
    RoleName: shape.roleName.optional(),
    IamUserAccessToBilling: z.enum(['ALLOW', 'DENY']).optional(),
    Tags: shape.tags.optional(),
  }),
  load: (_input, call, reads) => findManagedOrganization(call, reads),
  requires: ({ Tags }) => [needFor('CreateAccount', '*', tagContext(Tags))],
  async run({ AccountName, Email, RoleName, Tags }, organization, { now }, powers) {
    const roleName = RoleName ?? 'OrganizationAccountAccessRole'
    const plan = { name: AccountName, email: Email, roleName, tags: acceptTags(Tags) }
    const account = await makeAccount(organization, plan, now, powers)
    const creation: AccountCreation = {
      id: `car-${newId(powers.random, 32)}`,
      accountName: AccountName,
      requestedAt: now,
      account,
    }
    const key = { kind: 'account-creation', account: organization.id, name: creation.id } as const
    await powers.writes.putDocument(key, creation)
    return { CreateAccountStatus: creationAnswer(creation) }
  },
  record: (input, _found, output) =>
    recordOf(
      { ...input, AccountName: HIDDEN, Email: HIDDEN },
      output && { CreateAccountStatus: { ...output.CreateAccountStatus, AccountName: HIDDEN } },
    ),
})
