import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { allDocuments } from '../../../storage/organization-reads.ts'
import { invitationAnswer } from '../answers.ts'
import { errors } from '../errors.ts'
import { pageOf } from '../page.ts'
import { filterInvitations } from '../invitations.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor } from '../requirements.ts'
import * as shape from '../shapes.ts'

/** Lists the invitations that the organization has sent. */
export const ListHandshakesForOrganization = globalReadOperation({
  name: 'ListHandshakesForOrganization',
  errors: [errors.AccessDeniedException, errors.AWSOrganizationsNotInUseException, errors.InvalidInputException],
  input: z.object({ Filter: shape.handshakeFilter.optional(), ...shape.page }),
  load: (_input, call, reads) => findManagedOrganization(call, reads),
  requires: () => [needFor('ListHandshakesForOrganization')],
  async run(input, { id }, { now }, { reads }) {
    const wanted = filterInvitations(await allDocuments(reads, 'invitation', id), input.Filter)
    const { items, ...more } = pageOf('ListHandshakesForOrganization', wanted, input, ({ id }) => id)
    return { Handshakes: await Promise.all(items.map((each) => invitationAnswer(reads, each, now))), ...more }
  },
  record: (input) => recordOf(input),
})
