import { z } from 'zod'
import { DAY_MS } from '../../../domain/limits.ts'
import { INVITATION_DAYS, memberArn, type Invitation } from '../../../domain/organization.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { allDocuments, membershipOf } from '../../../storage/organization-reads.ts'
import { acceptTags } from '../accept-tags.ts'
import { invitationAnswer, stateOf } from '../answers.ts'
import { structure } from '../../../kernel/parse.ts'
import { errors } from '../errors.ts'
import { findInvited, putInvitation } from '../invitations.ts'
import { newId } from '../new-id.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor, tagContext } from '../requirements.ts'
import * as shape from '../shapes.ts'

/** Invites an account of this deployment into the organization. */
export const InviteAccountToOrganization = globalWriteOperation({
  name: 'InviteAccountToOrganization',
  errors: [
    errors.AccessDeniedException,
    errors.AWSOrganizationsNotInUseException,
    errors.ConstraintViolationException,
    errors.DuplicateHandshakeException,
    errors.HandshakeConstraintViolationException,
    errors.InvalidInputException,
  ],
  input: z.object({
    Target: structure({ Id: z.string().min(1).max(64), Type: z.enum(['ACCOUNT', 'ORGANIZATION', 'EMAIL']) }),
    Notes: z.string().max(1024).optional(),
    Tags: shape.tags.optional(),
  }),
  load: (_input, call, reads) => findManagedOrganization(call, reads),
  requires: ({ Target, Tags }, organization) => {
    const on = Target.Type === 'ACCOUNT' ? memberArn(organization, Target.Id) : '*'
    return [needFor('InviteAccountToOrganization', on, tagContext(Tags))]
  },
  async run({ Target, Notes = '', Tags }, organization, { now }, { writes, random }) {
    const tags = acceptTags(Tags)
    const account = await findInvited(writes, Target)
    if ((await membershipOf(writes, account)) !== null) {
      throw errors.HandshakeConstraintViolationException('The account is already a member of an organization.', {
        Reason: 'ALREADY_IN_AN_ORGANIZATION',
      })
    }
    const others = await allDocuments(writes, 'invitation', organization.id)
    if (others.some((other) => other.account === account && stateOf(other, now) === 'OPEN')) {
      throw errors.DuplicateHandshakeException()
    }
    const invitation: Invitation = {
      id: `h-${newId(random, 10)}`,
      organization: organization.id,
      managementAccount: organization.managementAccount,
      account,
      email: Target.Type === 'EMAIL' ? Target.Id : null,
      notes: Notes,
      tags,
      state: 'OPEN',
      requestedAt: now,
      expiresAt: now + INVITATION_DAYS * DAY_MS,
    }
    await putInvitation(writes, invitation)
    return { Handshake: await invitationAnswer(writes, invitation, now) }
  },
  record: (input, _found, output) => recordOf(input, output),
})
