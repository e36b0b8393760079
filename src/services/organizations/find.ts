import { managedControlPolicy, type ControlPolicy, type Organization } from '../../domain/organization.ts'
import type { OrganizationalUnit, OrganizationMember } from '../../domain/organization.ts'
import type { GlobalReads } from '../../storage/global-store.ts'
import { allDocuments, controlPolicy } from '../../storage/organization-reads.ts'
import { errors } from './errors.ts'
import { findParent, findTarget, type Parent, type Target } from './targets.ts'

/**
 * The root, unit or account with that id.
 *
 * @throws TargetNotFoundException
 */
export async function requireTarget(reads: GlobalReads, organization: Organization, id: string): Promise<Target> {
  const found = await findTarget(reads, organization, id)
  if (found === null) throw errors.TargetNotFoundException()
  return found
}

/**
 * The root or unit with that id.
 *
 * @throws ParentNotFoundException
 */
export async function requireParent(reads: GlobalReads, organization: Organization, id: string): Promise<Parent> {
  const found = await findParent(reads, organization, id)
  if (found === null) throw errors.ParentNotFoundException()
  return found
}

/**
 * The unit with that id.
 *
 * @throws OrganizationalUnitNotFoundException
 */
export async function requireUnit(
  reads: GlobalReads,
  { id: account }: Organization,
  id: string,
): Promise<OrganizationalUnit> {
  const found = await reads.document({ kind: 'organizational-unit', account, name: id })
  if (found === null) throw errors.OrganizationalUnitNotFoundException()
  return found
}

/**
 * The account with that id in the organization.
 *
 * @throws AccountNotFoundException
 */
export async function requireMember(
  reads: GlobalReads,
  { id }: Organization,
  account: string,
): Promise<OrganizationMember> {
  const found = await reads.document({ kind: 'organization-member', account: id, name: account })
  if (found === null) throw errors.AccountNotFoundException()
  return found
}

/**
 * The policy with that id, AWS's own included.
 *
 * @throws PolicyNotFoundException
 */
export async function requirePolicy(
  reads: GlobalReads,
  organization: Organization,
  id: string,
): Promise<ControlPolicy> {
  const found = await controlPolicy(reads, organization, id)
  if (found === null) throw errors.PolicyNotFoundException()
  return found
}

/**
 * A policy that the customer may change: none of AWS's own.
 *
 * @throws InvalidInputException, PolicyNotFoundException
 */
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
