import { z } from 'zod'
import { memberArn } from '../../../domain/organization.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { requireMember } from '../find.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor } from '../requirements.ts'
import { findParent, putMember, targetArn } from '../targets.ts'
import * as shape from '../shapes.ts'

/** Moves an account from one unit, or the root, to another: other policies are over it from then on. */
export const MoveAccount = globalWriteOperation({
  name: 'MoveAccount',
  errors: [
    errors.AccessDeniedException,
    errors.AccountNotFoundException,
    errors.AWSOrganizationsNotInUseException,
    errors.DestinationParentNotFoundException,
    errors.DuplicateAccountException,
    errors.SourceParentNotFoundException,
  ],
  input: z.object({
    AccountId: shape.accountId,
    SourceParentId: shape.parentId,
    DestinationParentId: shape.parentId,
  }),
  async load({ AccountId, SourceParentId, DestinationParentId }, call, reads) {
    const organization = await findManagedOrganization(call, reads)
    const member = await requireMember(reads, organization, AccountId)
    const source = await findParent(reads, organization, SourceParentId)
    if (source === null || member.parent !== SourceParentId) throw errors.SourceParentNotFoundException()
    const destination = await findParent(reads, organization, DestinationParentId)
    if (destination === null) throw errors.DestinationParentNotFoundException()
    return { organization, member, source, destination }
  },
  // All three must allow it: whoever may only fill one unit cannot empty another.
  requires: ({ AccountId }, { organization, source, destination }) => [
    needFor('MoveAccount', memberArn(organization, AccountId)),
    needFor('MoveAccount', targetArn(organization, source)),
    needFor('MoveAccount', targetArn(organization, destination)),
  ],
  async run({ SourceParentId, DestinationParentId }, { organization, member }, _call, { writes }): Promise<void> {
    if (SourceParentId === DestinationParentId) throw errors.DuplicateAccountException()
    await putMember(writes, organization, { ...member, parent: DestinationParentId })
  },
  record: (input) => recordOf(input),
})
