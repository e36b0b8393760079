import { z } from 'zod'
import { invitationArn } from '../../../domain/organization.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { invitationAnswer } from '../answers.ts'
import { errors } from '../errors.ts'
import { endInvitation, findInvitation } from '../invitations.ts'
import { recordOf } from '../record.ts'
import { needFor } from '../requirements.ts'
import * as shape from '../shapes.ts'

/** Declines an invitation. */
export const DeclineHandshake = globalWriteOperation({
  name: 'DeclineHandshake',
  errors: [
    errors.AccessDeniedException,
    errors.HandshakeAlreadyInStateException,
    errors.HandshakeNotFoundException,
    errors.InvalidHandshakeTransitionException,
  ],
  input: z.object({ HandshakeId: shape.handshakeId }),
  async load({ HandshakeId }, { caller }, reads) {
    const invitation = await findInvitation(reads, HandshakeId, caller.account)
    if (invitation.account !== caller.account) throw errors.AccessDeniedException()
    return invitation
  },
  requires: (_input, invitation) => [needFor('DeclineHandshake', invitationArn(invitation))],
  async run(_input, invitation, { now }, { writes }) {
    const ended = await endInvitation(writes, invitation, 'DECLINED', now)
    return { Handshake: await invitationAnswer(writes, ended, now) }
  },
  record: (input, _found, output) => recordOf(input, output),
})
