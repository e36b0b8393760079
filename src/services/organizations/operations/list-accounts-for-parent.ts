import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { accountAnswer } from '../answers.ts'
import { errors } from '../errors.ts'
import { membersOf, requireParent } from '../find.ts'
import { pageOf } from '../page.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor } from '../requirements.ts'
import { targetArn } from '../targets.ts'
import * as shape from '../shapes.ts'

/** Lists the accounts directly below the root or a unit. */
export const ListAccountsForParent = globalReadOperation({
  name: 'ListAccountsForParent',
  errors: [
    errors.AccessDeniedException,
    errors.AWSOrganizationsNotInUseException,
    errors.InvalidInputException,
    errors.ParentNotFoundException,
  ],
  input: z.object({ ParentId: shape.parentId, ...shape.page }),
  async load({ ParentId }, call, reads) {
    const organization = await findManagedOrganization(call, reads)
    return { organization, parent: await requireParent(reads, organization, ParentId) }
  },
  requires: (_input, { organization, parent }) => [needFor('ListAccountsForParent', targetArn(organization, parent))],
  async run(input, { organization }, _call, { reads }) {
    const members = await membersOf(reads, organization, input.ParentId)
    const { items, ...more } = pageOf('ListAccountsForParent', members, input, ({ account }) => account)
    return { Accounts: await Promise.all(items.map((member) => accountAnswer(reads, organization, member))), ...more }
  },
  record: (input) => recordOf(input),
})
