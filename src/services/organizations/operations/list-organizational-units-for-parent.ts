import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { unitAnswer } from '../answers.ts'
import { errors } from '../errors.ts'
import { requireParent, unitsOf } from '../find.ts'
import { pageOf } from '../page.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor } from '../requirements.ts'
import { targetArn } from '../targets.ts'
import * as shape from '../shapes.ts'

/** Lists the units directly below the root or a unit. */
export const ListOrganizationalUnitsForParent = globalReadOperation({
  name: 'ListOrganizationalUnitsForParent',
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
  requires: (_input, { organization, parent }) => [
    needFor('ListOrganizationalUnitsForParent', targetArn(organization, parent)),
  ],
  async run(input, { organization }, _call, { reads }) {
    const units = await unitsOf(reads, organization, input.ParentId)
    const { items, ...more } = pageOf('ListOrganizationalUnitsForParent', units, input, ({ id }) => id)
    return {
      OrganizationalUnits: await Promise.all(items.map((unit) => unitAnswer(reads, organization, unit))),
      ...more,
    }
  },
  record: (input) => recordOf(input),
})
