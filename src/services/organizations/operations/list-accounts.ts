import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { allDocuments } from '../../../storage/organization-reads.ts'
import { accountAnswer } from '../answers.ts'
import { errors } from '../errors.ts'
import { pageOf } from '../page.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor } from '../requirements.ts'
import * as shape from '../shapes.ts'

/** Lists the accounts of an organization. */
export const ListAccounts = globalReadOperation({
  name: 'ListAccounts',
  errors: [errors.AccessDeniedException, errors.AWSOrganizationsNotInUseException, errors.InvalidInputException],
  input: z.object(shape.page),
  load: (_input, call, reads) => findManagedOrganization(call, reads),
  requires: () => [needFor('ListAccounts')],
  async run(input, organization, _call, { reads }) {
    const members = await allDocuments(reads, 'organization-member', organization.id)
    const { items, ...more } = pageOf('ListAccounts', members, input, ({ account }) => account)
    return { Accounts: await Promise.all(items.map((member) => accountAnswer(reads, organization, member))), ...more }
  },
  record: (input) => recordOf(input),
})
