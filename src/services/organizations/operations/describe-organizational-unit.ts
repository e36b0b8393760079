import { z } from 'zod'
import { unitArn } from '../../../domain/organization.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { unitAnswer } from '../answers.ts'
import { errors } from '../errors.ts'
import { requireUnit } from '../find.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor } from '../requirements.ts'
import * as shape from '../shapes.ts'

/** Tells what a unit is called and where it is. */
export const DescribeOrganizationalUnit = globalReadOperation({
  name: 'DescribeOrganizationalUnit',
  errors: [
    errors.AccessDeniedException,
    errors.AWSOrganizationsNotInUseException,
    errors.OrganizationalUnitNotFoundException,
  ],
  input: z.object({ OrganizationalUnitId: shape.unitId }),
  async load({ OrganizationalUnitId }, call, reads) {
    const organization = await findManagedOrganization(call, reads)
    return { organization, unit: await requireUnit(reads, organization, OrganizationalUnitId) }
  },
  requires: (_input, { organization, unit }) => [needFor('DescribeOrganizationalUnit', unitArn(organization, unit.id))],
  run: async (_input, { organization, unit }, _call, { reads }) => ({
    OrganizationalUnit: await unitAnswer(reads, organization, unit),
  }),
  record: (input) => recordOf(input),
})
