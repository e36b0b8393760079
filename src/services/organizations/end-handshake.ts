import { z } from 'zod'
import { invitationArn, type Invitation } from '../../domain/organization.ts'
import { globalWriteOperation } from '../../kernel/operation.ts'
import { invitationAnswer } from './answers.ts'
import { errors } from './errors.ts'
import { endInvitation, findInvitationOf, type InvitationSide } from './invitations.ts'
import { recordOf } from '../../kernel/plain-record.ts'
import { needFor } from './requirements.ts'
import * as shape from './shapes.ts'

/** An operation by which one side ends an invitation, and no account joins the organization. */
export function endHandshake(name: string, side: InvitationSide, state: Exclude<Invitation['state'], 'OPEN'>) {
  return globalWriteOperation({
    name,
    errors: [
      errors.AccessDeniedException,
      errors.HandshakeAlreadyInStateException,
      errors.HandshakeNotFoundException,
      errors.InvalidHandshakeTransitionException,
    ],
    input: z.object({ HandshakeId: shape.handshakeId }),
    load: ({ HandshakeId }, call, reads) => findInvitationOf(side, HandshakeId, call, reads),
    requires: (_input, invitation) => [needFor(name, invitationArn(invitation))],
    async run(_input, invitation, { now }, { writes }) {
      const ended = await endInvitation(writes, invitation, state, now)
      return { Handshake: await invitationAnswer(writes, ended, now) }
    },
    record: (input, _found, output) => recordOf(input, output),
  })
}
