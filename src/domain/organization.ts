import { PARTITION } from './region.ts'
import type { Tag } from './tags.ts'

/** The types of policy that can be attached in an organization: those that take part in authorization. */
export const CONTROL_POLICY_TYPES = ['SERVICE_CONTROL_POLICY', 'RESOURCE_CONTROL_POLICY'] as const

/** A type of policy of an organization. */
export type ControlPolicyType = (typeof CONTROL_POLICY_TYPES)[number]

/** Ids of the policies that are attached to something, by type, in the order in which they were attached. */
export type AttachedPolicies = Readonly<Record<ControlPolicyType, readonly string[]>>

/** What the root, units and accounts of an organization have in common. */
interface PolicyTarget {
  readonly attached: AttachedPolicies
  readonly tags: readonly Tag[]
}

/** The root of an organization: everything in it is below. */
export interface OrganizationRoot extends PolicyTarget {
  /** Begins with `r-`. */
  readonly id: string
  /** Policies of other types are not attached to anything, and decide nothing. */
  readonly policyTypes: readonly ControlPolicyType[]
}

/** An organization: accounts that are governed together. Its id begins with `o-`. */
export interface Organization {
  readonly id: string
  /** No service control policy limits it. */
  readonly managementAccount: string
  readonly featureSet: 'ALL' | 'CONSOLIDATED_BILLING'
  readonly createdAt: number
  readonly root: OrganizationRoot
}

/** A unit of accounts and other units. Its id begins with `ou-`. */
export interface OrganizationalUnit extends PolicyTarget {
  readonly id: string
  readonly name: string
  /** The id of the root or of another unit. */
  readonly parent: string
}

/** An account in an organization. */
export interface OrganizationMember extends PolicyTarget {
  readonly account: string
  readonly parent: string
  readonly joinedAt: number
  readonly joinedBy: 'INVITED' | 'CREATED'
}

/** A policy of an organization. Its id begins with `p-`. */
export interface ControlPolicy {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly type: ControlPolicyType
  readonly text: string
  readonly tags: readonly Tag[]
}

/** An invitation of an account into an organization. Its id begins with `h-`. */
export interface Invitation {
  readonly id: string
  readonly organization: string
  readonly managementAccount: string
  readonly account: string
  /** The address that was invited; null where the account's id was. */
  readonly email: string | null
  readonly notes: string
  readonly tags: readonly Tag[]
  /** An open one is expired from `expiresAt` on. */
  readonly state: 'OPEN' | 'ACCEPTED' | 'DECLINED' | 'CANCELED'
  readonly requestedAt: number
  readonly expiresAt: number
}

/** How the making of an account went. Its id begins with `car-`. */
export interface AccountCreation {
  readonly id: string
  readonly accountName: string
  readonly requestedAt: number
  /** Null where it failed: another account has the address. */
  readonly account: string | null
}

/** A unit lies at most this far below the root (AWS Organizations User Guide, "Quotas"; so for all that follow). */
export const MAX_UNIT_DEPTH = 5
/** All of them, at whatever depth. */
export const UNITS_PER_ORGANIZATION = 2000
/** In one organization, besides AWS's own. */
export const POLICIES_PER_TYPE = 1000
/** To one root, unit or account, AWS's own among them. */
export const ATTACHED_POLICIES_PER_TYPE = 5
/** The longest policy, in characters. */
export const CONTROL_POLICY_LENGTH = 5120
/** How long an invitation stays open. */
export const INVITATION_DAYS = 15

/** AWS's own policies, which exist in every organization and forbid nothing. */
export const MANAGED_CONTROL_POLICIES: Readonly<Record<ControlPolicyType, ControlPolicy>> = {
  SERVICE_CONTROL_POLICY: {
    id: 'p-FullAWSAccess',
    name: 'FullAWSAccess',
    description: 'Allows access to every operation',
    type: 'SERVICE_CONTROL_POLICY',
    text: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
    tags: [],
  },
  RESOURCE_CONTROL_POLICY: {
    id: 'p-RCPFullAWSAccess',
    name: 'RCPFullAWSAccess',
    description: 'Allows access to every resource',
    type: 'RESOURCE_CONTROL_POLICY',
    text: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}',
    tags: [],
  },
}

/** AWS's own policy with that id, or null. */
export function managedControlPolicy(id: string): ControlPolicy | null {
  return Object.values(MANAGED_CONTROL_POLICIES).find((policy) => policy.id === id) ?? null
}

/** What is attached to something new: AWS's own policy of each type that is enabled. */
export function initialPolicies({ policyTypes }: Pick<OrganizationRoot, 'policyTypes'>): AttachedPolicies {
  const of = (type: ControlPolicyType) => (policyTypes.includes(type) ? [MANAGED_CONTROL_POLICIES[type].id] : [])
  return {
    SERVICE_CONTROL_POLICY: of('SERVICE_CONTROL_POLICY'),
    RESOURCE_CONTROL_POLICY: of('RESOURCE_CONTROL_POLICY'),
  }
}

type Named = Pick<Organization, 'id' | 'managementAccount'>

function organizationsArn(account: string, resource: string): string {
  return `arn:${PARTITION}:organizations::${account}:${resource}`
}

/** The ARN of an organization. Like all that follow it names the management account. */
export function organizationArn({ id, managementAccount }: Named): string {
  return organizationsArn(managementAccount, `organization/${id}`)
}

/** The ARN of the root of an organization. */
export function rootOfOrganizationArn({ id, managementAccount, root }: Organization): string {
  return organizationsArn(managementAccount, `root/${id}/${root.id}`)
}

/** The ARN of a unit. */
export function unitArn({ id, managementAccount }: Named, unit: string): string {
  return organizationsArn(managementAccount, `ou/${id}/${unit}`)
}

/** The ARN of an account in its organization. */
export function memberArn({ id, managementAccount }: Named, account: string): string {
  return organizationsArn(managementAccount, `account/${id}/${account}`)
}

/** The ARN of an invitation: AWS calls it a handshake. */
export function invitationArn({ id, organization, managementAccount }: Invitation): string {
  return organizationsArn(managementAccount, `handshake/${organization}/invite/${id}`)
}

/** The ARN of a policy; AWS's own belong to no organization. */
export function controlPolicyArn({ id, managementAccount }: Named, policy: Pick<ControlPolicy, 'id' | 'type'>): string {
  const type = policy.type.toLowerCase()
  if (managedControlPolicy(policy.id) !== null) return organizationsArn('aws', `policy/${type}/${policy.id}`)
  return organizationsArn(managementAccount, `policy/${id}/${type}/${policy.id}`)
}
