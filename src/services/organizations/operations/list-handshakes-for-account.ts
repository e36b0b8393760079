import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { allDocuments } from '../../../storage/organization-reads.ts'
import { invitationAnswer } from '../answers.ts'
import { errors } from '../errors.ts'
import { pageOf } from '../page.ts'
import { filterInvitations } from '../invitations.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { needFor } from '../requirements.ts'
import * as shape from '../shapes.ts'

/** Lists the invitations that the caller's account was sent. */
export const ListHandshakesForAccount = globalReadOperation({
  name: 'ListHandshakesForAccount',
  errors: [errors.InvalidInputException],
  input: z.object({ Filter: shape.handshakeFilter.optional(), ...shape.page }),
  load: () => null,
  requires: () => [needFor('ListHandshakesForAccount')],
  async run(input, _found, { caller, now }, { reads }) {
    const all = await allDocuments(reads, 'invitation', null)
    const own = all.filter(({ account }) => account === caller.account)
    const wanted = filterInvitations(own, input.Filter)
    const { items, ...more } = pageOf('ListHandshakesForAccount', wanted, input, ({ id }) => id)
    return { Handshakes: await Promise.all(items.map((each) => invitationAnswer(reads, each, now))), ...more }
  },
  record: (input) => recordOf(input),
})
