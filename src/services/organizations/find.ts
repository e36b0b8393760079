import { managedControlPolicy, type ControlPolicy, type Organization } from '../../domain/organization.ts'
import type { OrganizationalUnit, OrganizationMember } from '../../domain/organization.ts'
import type { GlobalReads } from '../../storage/global-store.ts'
import { allDocuments, controlPolicy } from '../../storage/organization-reads.ts'
import { errors } from './errors.ts'
import { findParent, findTarget, type Parent, type Target } from './targets.ts'

/** Each finds what a request names, or throws the error that says that it is not there. */

export async function requireTarget(reads: GlobalReads, organization: Organization, id: string): Promise<Target> {
  const found = await findTarget(reads, organization, id)
  if (found === null) throw errors.TargetNotFoundException()
  return found
}

export async function requireParent(reads: GlobalReads, organization: Organization, id: string): Promise<Parent> {
  const found = await findParent(reads, organization, id)
  if (found === null) throw errors.ParentNotFoundException()
  return found
}

export async function requireUnit(
  reads: GlobalReads,
  { id: account }: Organization,
  id: string,
): Promise<OrganizationalUnit> {
  const found = await reads.document({ kind: 'organizational-unit', account, name: id })
  if (found === null) throw errors.OrganizationalUnitNotFoundException()
  return found
}

export async function requireMember(
  reads: GlobalReads,
  { id }: Organization,
  account: string,
): Promise<OrganizationMember> {
  const found = await reads.document({ kind: 'organization-member', account: id, name: account })
  if (found === null) throw errors.AccountNotFoundException()
  return found
}

export async function requirePolicy(
  reads: GlobalReads,
  organization: Organization,
  id: string,
): Promise<ControlPolicy> {
  const found = await controlPolicy(reads, organization, id)
  if (found === null) throw errors.PolicyNotFoundException()
  return found
}

/** A policy that the customer may change: none of AWS's own. */
export async function requireOwnPolicy(
  reads: GlobalReads,
  organization: Organization,
  id: string,
): Promise<ControlPolicy> {
  if (managedControlPolicy(id) !== null) {
    throw errors.InvalidInputException('You specified a policy that is managed by AWS and cannot be modified.', {
      Reason: 'IMMUTABLE_POLICY',
    })
  }
  return requirePolicy(reads, organization, id)
}

/** The units directly below a root or unit. */
export async function unitsOf(
  reads: GlobalReads,
  { id }: Organization,
  parent: string,
): Promise<readonly OrganizationalUnit[]> {
  return (await allDocuments(reads, 'organizational-unit', id)).filter((unit) => unit.parent === parent)
}

/** The accounts directly below a root or unit. */
export async function membersOf(
  reads: GlobalReads,
  { id }: Organization,
  parent: string,
): Promise<readonly OrganizationMember[]> {
  return (await allDocuments(reads, 'organization-member', id)).filter((member) => member.parent === parent)
}
