import {
  MAX_UNIT_DEPTH,
  UNITS_PER_ORGANIZATION,
  type Organization,
  type OrganizationalUnit,
} from '../../domain/organization.ts'
import type { GlobalReads } from '../../storage/global-store.ts'
import { allDocuments, unitsDownTo } from '../../storage/organization-reads.ts'
import { errors } from './errors.ts'

/** Refuses a name that another unit below the same parent has. */
export async function requireUnitNameFree(
  reads: GlobalReads,
  organization: Organization,
  { parent, name, id }: Pick<OrganizationalUnit, 'parent' | 'name'> & { readonly id?: string },
): Promise<void> {
  const units = await allDocuments(reads, 'organizational-unit', organization.id)
  if (units.some((unit) => unit.parent === parent && unit.name === name && unit.id !== id)) {
    throw errors.DuplicateOrganizationalUnitException()
  }
}

/** Refuses one more unit below `parent` where that is too deep, or where there are too many. */
export async function requireUnitFits(reads: GlobalReads, organization: Organization, parent: string): Promise<void> {
  if ((await unitsDownTo(reads, organization, parent)).length >= MAX_UNIT_DEPTH) {
    throw errors.ConstraintViolationException(`OUs can be nested ${MAX_UNIT_DEPTH} levels deep.`, {
      Reason: 'OU_DEPTH_LIMIT_EXCEEDED',
    })
  }
  if ((await allDocuments(reads, 'organizational-unit', organization.id)).length >= UNITS_PER_ORGANIZATION) {
    throw errors.ConstraintViolationException(`An organization can have ${UNITS_PER_ORGANIZATION} OUs.`, {
      Reason: 'OU_NUMBER_LIMIT_EXCEEDED',
    })
  }
}
