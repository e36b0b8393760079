import { groupArn, roleArn, userArn } from '../../domain/identity-arn.ts'
import type { Group, ManagedPolicy, Role, User } from '../../domain/identity.ts'
import { shownPolicy } from '../../kernel/access/policy-text.ts'
import { principalId } from '../../kernel/identities/principal-id.ts'
import type { GlobalReads } from '../../storage/global-store.ts'
import { encodeDocument } from './accept-policy.ts'
import { tagsMember } from './tags.ts'

/** A user as listings show it. */
export function userView(account: string, user: User) {
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: userArn(account, user),
    CreateDate: new Date(user.createdAt),
  }
}

/** A user as it is shown alone. */
export function fullUserView(account: string, user: User) {
  return { ...userView(account, user), ...boundaryMember(user.boundary), ...tagsMember(user.tags) }
}

/** A group. */
export function groupView(account: string, group: Group) {
  return {
    Path: group.path,
    GroupName: group.name,
    GroupId: group.id,
    Arn: groupArn(account, group),
    CreateDate: new Date(group.createdAt),
  }
}

/** A role as listings show it. */
export async function roleView(account: string, role: Role, reads: GlobalReads) {
  return { ...(await nakedRoleView(account, role, reads)), MaxSessionDuration: role.maxSessionDuration }
}

/** A role as it is shown when it was made. */
export async function newRoleView(account: string, role: Role, reads: GlobalReads) {
  return { ...(await nakedRoleView(account, role, reads)), ...boundaryMember(role.boundary), ...tagsMember(role.tags) }
}

async function nakedRoleView(account: string, role: Role, reads: GlobalReads) {
  const idOf = (arn: string) => principalId(reads, arn)
  const trust = await shownPolicy(role.trustPolicy, 'trust', role.trustPrincipals, idOf)
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: roleArn(account, role),
    CreateDate: new Date(role.createdAt),
    AssumeRolePolicyDocument: encodeDocument(trust),
    ...(role.description !== '' && { Description: role.description }),
  }
}

/** A role as it is shown alone. */
export async function fullRoleView(account: string, role: Role, reads: GlobalReads) {
  return {
    ...(await roleView(account, role, reads)),
    ...boundaryMember(role.boundary),
    ...tagsMember(role.tags),
    RoleLastUsed: {},
  }
}

/** How many use a managed policy, and for what. */
export interface PolicyUse {
  readonly attachments: number
  readonly boundaries: number
}

/** A managed policy as listings show it. */
export function policyView(arn: string, policy: ManagedPolicy, use: PolicyUse) {
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: arn,
    Path: policy.path,
    DefaultVersionId: policy.defaultVersion,
    AttachmentCount: use.attachments,
    PermissionsBoundaryUsageCount: use.boundaries,
    IsAttachable: true,
    CreateDate: new Date(policy.createdAt),
    UpdateDate: new Date(policy.updatedAt),
  }
}

/** A managed policy as it is shown alone. */
export function fullPolicyView(arn: string, policy: ManagedPolicy, use: PolicyUse) {
  const description = policy.description === '' ? {} : { Description: policy.description }
  return { ...policyView(arn, policy, use), ...description, ...tagsMember(policy.tags) }
}

/** A version of a managed policy as listings show it. */
export function versionView(policy: ManagedPolicy, version: ManagedPolicy['versions'][number]) {
  return {
    VersionId: version.id,
    IsDefaultVersion: version.id === policy.defaultVersion,
    CreateDate: new Date(version.createdAt),
  }
}

function boundaryMember(arn: string | null) {
  if (arn === null) return {}
  return { PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: arn } }
}
