import { z } from 'zod'
import { unitArn } from '../../../domain/organization.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { unitAnswer } from '../answers.ts'
import { errors } from '../errors.ts'
import { requireUnit } from '../find.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor } from '../requirements.ts'
import { putUnit } from '../targets.ts'
import { requireUnitNameFree } from '../unit-rules.ts'
import * as shape from '../shapes.ts'

/** Gives a unit another name. */
export const UpdateOrganizationalUnit = globalWriteOperation({
  name: 'UpdateOrganizationalUnit',
  errors: [
    errors.AccessDeniedException,
    errors.AWSOrganizationsNotInUseException,
    errors.DuplicateOrganizationalUnitException,
    errors.OrganizationalUnitNotFoundException,
  ],
  input: z.object({ OrganizationalUnitId: shape.unitId, Name: shape.name.optional() }),
  async load({ OrganizationalUnitId }, call, reads) {
    const organization = await findManagedOrganization(call, reads)
    return { organization, unit: await requireUnit(reads, organization, OrganizationalUnitId) }
  },
  requires: (_input, { organization, unit }) => [needFor('UpdateOrganizationalUnit', unitArn(organization, unit.id))],
  async run({ Name }, { organization, unit }, _call, { writes }) {
    const renamed = { ...unit, name: Name ?? unit.name }
    await requireUnitNameFree(writes, organization, renamed)
    await putUnit(writes, organization, renamed)
    return { OrganizationalUnit: await unitAnswer(writes, organization, renamed) }
  },
  record: (input, _found, output) => recordOf(input, output),
})
