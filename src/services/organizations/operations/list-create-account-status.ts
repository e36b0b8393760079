import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { list } from '../../../kernel/parse.ts'
import { allDocuments } from '../../../storage/organization-reads.ts'
import { creationAnswer } from '../answers.ts'
import { errors } from '../errors.ts'
import { pageOf } from '../page.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor } from '../requirements.ts'
import * as shape from '../shapes.ts'

/** Lists how the making of accounts went. */
export const ListCreateAccountStatus = globalReadOperation({
  name: 'ListCreateAccountStatus',
  errors: [errors.AccessDeniedException, errors.AWSOrganizationsNotInUseException, errors.InvalidInputException],
  input: z.object({ States: list(z.enum(['IN_PROGRESS', 'SUCCEEDED', 'FAILED']), 10).optional(), ...shape.page }),
  load: (_input, call, reads) => findManagedOrganization(call, reads),
  requires: () => [needFor('ListCreateAccountStatus')],
  async run(input, { id }, _call, { reads }) {
    const { States: states } = input
    const all = (await allDocuments(reads, 'account-creation', id)).map(creationAnswer)
    const wanted = all.filter(({ State }) => states === undefined || states.some((state) => state === State))
    const { items, ...more } = pageOf('ListCreateAccountStatus', wanted, input, ({ Id }) => Id)
    return { CreateAccountStatuses: items, ...more }
  },
  record: (input) => recordOf(input),
})
