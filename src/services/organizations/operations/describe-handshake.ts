import { z } from 'zod'
import { invitationArn } from '../../../domain/organization.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { invitationAnswer } from '../answers.ts'
import { errors } from '../errors.ts'
import { findInvitation } from '../invitations.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { needFor } from '../requirements.ts'
import * as shape from '../shapes.ts'

/** Tells one of the two parties how an invitation stands. */
export const DescribeHandshake = globalReadOperation({
  name: 'DescribeHandshake',
  errors: [errors.HandshakeNotFoundException],
  input: z.object({ HandshakeId: shape.handshakeId }),
  load: ({ HandshakeId }, { caller }, reads) => findInvitation(reads, HandshakeId, caller.account),
  requires: (_input, invitation) => [needFor('DescribeHandshake', invitationArn(invitation))],
  run: async (_input, invitation, { now }, { reads }) => ({
    Handshake: await invitationAnswer(reads, invitation, now),
  }),
  record: (input) => recordOf(input),
})
