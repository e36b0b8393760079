import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { membersOf, requireParent, unitsOf } from '../find.ts'
import { pageOf } from '../page.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor } from '../requirements.ts'
import { targetArn } from '../targets.ts'
import * as shape from '../shapes.ts'

/** Lists the ids of the units, or of the accounts, directly below the root or a unit. */
export const ListChildren = globalReadOperation({
  name: 'ListChildren',
  errors: [
    errors.AccessDeniedException,
    errors.AWSOrganizationsNotInUseException,
    errors.InvalidInputException,
    errors.ParentNotFoundException,
  ],
  input: z.object({
    ParentId: shape.parentId,
    ChildType: z.enum(['ACCOUNT', 'ORGANIZATIONAL_UNIT']),
    ...shape.page,
  }),
  async load({ ParentId }, call, reads) {
    const organization = await findManagedOrganization(call, reads)
    return { organization, parent: await requireParent(reads, organization, ParentId) }
  },
  requires: (_input, { organization, parent }) => [needFor('ListChildren', targetArn(organization, parent))],
  async run(input, { organization }, _call, { reads }) {
    const { ParentId, ChildType } = input
    const ids =
      ChildType === 'ACCOUNT'
        ? (await membersOf(reads, organization, ParentId)).map(({ account }) => account)
        : (await unitsOf(reads, organization, ParentId)).map(({ id }) => id)
    const { items, ...more } = pageOf(`ListChildren/${ChildType}`, ids, input, (id) => id)
    return { Children: items.map((Id) => ({ Id, Type: ChildType })), ...more }
  },
  record: (input) => recordOf(input),
})
