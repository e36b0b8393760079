import { z } from 'zod'
import { initialPolicies, invitationArn } from '../../../domain/organization.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { membershipOf } from '../../../storage/organization-reads.ts'
import { invitationAnswer } from '../answers.ts'
import { errors } from '../errors.ts'
import { endInvitation, findInvitationOf } from '../invitations.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { needFor } from '../requirements.ts'
import { putMember } from '../targets.ts'
import * as shape from '../shapes.ts'

/** Accepts an invitation: the caller's account is in the organization from then on, below its root. */
export const AcceptHandshake = globalWriteOperation({
  name: 'AcceptHandshake',
  errors: [
    errors.AccessDeniedException,
    errors.HandshakeAlreadyInStateException,
    errors.HandshakeConstraintViolationException,
    errors.HandshakeNotFoundException,
    errors.InvalidHandshakeTransitionException,
  ],
  input: z.object({ HandshakeId: shape.handshakeId }),
  load: ({ HandshakeId }, call, reads) => findInvitationOf('account', HandshakeId, call, reads),
  requires: (_input, invitation) => [needFor('AcceptHandshake', invitationArn(invitation))],
  async run(_input, invitation, { now }, { writes }) {
    const ended = await endInvitation(writes, invitation, 'ACCEPTED', now)
    const { account, tags } = invitation
    if ((await membershipOf(writes, account)) !== null) {
      throw errors.HandshakeConstraintViolationException('The account is already a member of an organization.', {
        Reason: 'ALREADY_IN_AN_ORGANIZATION',
      })
    }
    const key = { kind: 'organization', account: '', name: invitation.organization } as const
    const organization = await writes.document(key)
    // Its invitations go with an organization.
    if (organization === null) throw new Error(`INVARIANT: the organization of an invitation exists: ${key.name}`)
    const { root } = organization
    const member = { account, parent: root.id, joinedAt: now, joinedBy: 'INVITED' } as const
    await putMember(writes, organization, { ...member, attached: initialPolicies(root), tags })
    return { Handshake: await invitationAnswer(writes, ended, now) }
  },
  record: (input, _found, output) => recordOf(input, output),
})
