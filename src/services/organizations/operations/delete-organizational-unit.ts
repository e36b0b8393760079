import { z } from 'zod'
import { unitArn } from '../../../domain/organization.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { membersOf, requireUnit, unitsOf } from '../find.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor } from '../requirements.ts'
import * as shape from '../shapes.ts'

/** Removes a unit that nothing is in; what is attached to it is detached. */
export const DeleteOrganizationalUnit = globalWriteOperation({
  name: 'DeleteOrganizationalUnit',
  errors: [
    errors.AccessDeniedException,
    errors.AWSOrganizationsNotInUseException,
    errors.OrganizationalUnitNotEmptyException,
    errors.OrganizationalUnitNotFoundException,
  ],
  input: z.object({ OrganizationalUnitId: shape.unitId }),
  async load({ OrganizationalUnitId }, call, reads) {
    const organization = await findManagedOrganization(call, reads)
    return { organization, unit: await requireUnit(reads, organization, OrganizationalUnitId) }
  },
  requires: (_input, { organization, unit }) => [needFor('DeleteOrganizationalUnit', unitArn(organization, unit.id))],
  async run(_input, { organization, unit }, _call, { writes }): Promise<void> {
    const units = await unitsOf(writes, organization, unit.id)
    const members = await membersOf(writes, organization, unit.id)
    if (units.length + members.length > 0) throw errors.OrganizationalUnitNotEmptyException()
    await writes.deleteDocument({ kind: 'organizational-unit', account: organization.id, name: unit.id })
  },
  record: (input) => recordOf(input),
})
