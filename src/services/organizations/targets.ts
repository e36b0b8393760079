import { accountProfile } from '../../domain/account.ts'
import {
  memberArn,
  rootOfOrganizationArn,
  unitArn,
  type AttachedPolicies,
  type Organization,
  type OrganizationalUnit,
  type OrganizationMember,
  type OrganizationRoot,
} from '../../domain/organization.ts'
import type { Tag } from '../../domain/tags.ts'
import type { GlobalReads, GlobalWrites } from '../../storage/global-store.ts'
import { allDocuments, memberId } from '../../storage/organization-reads.ts'

/** What policies can be attached to: it has a place in an organization. */
export type Target =
  | { readonly type: 'ROOT'; readonly content: OrganizationRoot }
  | { readonly type: 'ORGANIZATIONAL_UNIT'; readonly content: OrganizationalUnit }
  | { readonly type: 'ACCOUNT'; readonly content: OrganizationMember }

/** What can have children. */
export type Parent = Exclude<Target, { type: 'ACCOUNT' }>

/** The root or unit with that id in an organization, or null. */
export async function findParent(reads: GlobalReads, organization: Organization, id: string): Promise<Parent | null> {
  if (id === organization.root.id) return { type: 'ROOT', content: organization.root }
  const content = await reads.document({ kind: 'organizational-unit', account: organization.id, name: id })
  return content === null ? null : { type: 'ORGANIZATIONAL_UNIT', content }
}

/** The root, unit or account with that id in an organization, or null. */
export async function findTarget(reads: GlobalReads, organization: Organization, id: string): Promise<Target | null> {
  const content = await reads.document({ kind: 'organization-member', account: organization.id, name: id })
  return content === null ? findParent(reads, organization, id) : { type: 'ACCOUNT', content }
}

/** Everything in an organization that policies can be attached to. */
export async function allTargets(reads: GlobalReads, organization: Organization): Promise<readonly Target[]> {
  const units = await allDocuments(reads, 'organizational-unit', organization.id)
  const members = await allDocuments(reads, 'organization-member', organization.id)
  return [
    { type: 'ROOT', content: organization.root },
    ...units.map((content): Target => ({ type: 'ORGANIZATIONAL_UNIT', content })),
    ...members.map((content): Target => ({ type: 'ACCOUNT', content })),
  ]
}

/** The id by which requests name a target. */
export function targetId({ type, content }: Target): string {
  return type === 'ACCOUNT' ? content.account : content.id
}

/** The ARN of a target. */
export function targetArn(organization: Organization, { type, content }: Target): string {
  if (type === 'ROOT') return rootOfOrganizationArn(organization)
  return type === 'ACCOUNT' ? memberArn(organization, content.account) : unitArn(organization, content.id)
}

/** The name of a target for people; AWS calls every root Root. */
export async function targetName(reads: GlobalReads, { type, content }: Target): Promise<string> {
  if (type === 'ROOT') return 'Root'
  if (type === 'ORGANIZATIONAL_UNIT') return content.name
  const { account } = content
  return accountProfile(account, await reads.document({ kind: 'account', account, name: account })).name
}

/** Keeps other policies or tags with a target. */
export async function changeTarget(
  writes: GlobalWrites,
  organization: Organization,
  target: Target,
  change: { readonly attached: AttachedPolicies } | { readonly tags: readonly Tag[] },
): Promise<void> {
  if (target.type === 'ROOT') await putOrganization(writes, { ...organization, root: { ...target.content, ...change } })
  else if (target.type === 'ACCOUNT') await putMember(writes, organization, { ...target.content, ...change })
  else await putUnit(writes, organization, { ...target.content, ...change })
}

/** Keeps which types of policy decide in an organization, and what everything in it has attached of a type. */
export async function changePolicyTypes(
  writes: GlobalWrites,
  organization: Organization,
  policyTypes: OrganizationRoot['policyTypes'],
  attached: Partial<AttachedPolicies>,
): Promise<Organization> {
  const changed = { ...organization, root: { ...organization.root, policyTypes } }
  for (const target of await allTargets(writes, changed)) {
    await changeTarget(writes, changed, target, { attached: { ...target.content.attached, ...attached } })
  }
  return changed
}

/** Keeps an organization, its root included. */
export async function putOrganization(writes: GlobalWrites, organization: Organization): Promise<void> {
  await writes.putDocument({ kind: 'organization', account: '', name: organization.id }, organization)
}

/** Keeps a unit. */
export async function putUnit(
  writes: GlobalWrites,
  { id: account }: Organization,
  unit: OrganizationalUnit,
): Promise<void> {
  await writes.putDocument({ kind: 'organizational-unit', account, name: unit.id }, unit)
}

/** Keeps an account in its organization. */
export async function putMember(writes: GlobalWrites, { id }: Organization, member: OrganizationMember): Promise<void> {
  const { account } = member
  await writes.putDocument({ kind: 'organization-member', account: id, name: account }, member, memberId(account))
}
