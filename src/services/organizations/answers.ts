import { accountProfile } from '../../domain/account.ts'
import {
  controlPolicyArn,
  invitationArn,
  managedControlPolicy,
  memberArn,
  organizationArn,
  rootOfOrganizationArn,
  unitArn,
  type AccountCreation,
  type ControlPolicy,
  type Invitation,
  type Organization,
  type OrganizationalUnit,
  type OrganizationMember,
  type OrganizationRoot,
} from '../../domain/organization.ts'
import type { GlobalReads } from '../../storage/global-store.ts'
import { unitsDownTo } from '../../storage/organization-reads.ts'

/** What the API says of an organization. */
export async function organizationAnswer(reads: GlobalReads, organization: Organization) {
  const { id, managementAccount, featureSet } = organization
  return {
    Id: id,
    Arn: organizationArn(organization),
    FeatureSet: featureSet,
    MasterAccountArn: memberArn(organization, managementAccount),
    MasterAccountId: managementAccount,
    MasterAccountEmail: (await profileOf(reads, managementAccount)).email,
    // Deprecated, and since ever a constant of the feature set (AWS Organizations API Reference).
    AvailablePolicyTypes: featureSet === 'ALL' ? [{ Type: 'SERVICE_CONTROL_POLICY', Status: 'ENABLED' }] : [],
  }
}

/** What the API says of the root. */
export function rootAnswer(organization: Organization, root: OrganizationRoot = organization.root) {
  return {
    Id: root.id,
    Arn: rootOfOrganizationArn(organization),
    Name: 'Root',
    PolicyTypes: root.policyTypes.map((Type) => ({ Type, Status: 'ENABLED' })),
  }
}

/** What the API says of a unit. */
export async function unitAnswer(reads: GlobalReads, organization: Organization, unit: OrganizationalUnit) {
  const path = await pathOf(reads, organization, unit.parent)
  return { Id: unit.id, Arn: unitArn(organization, unit.id), Name: unit.name, Path: `${path}${unit.id}/` }
}

/** What the API says of an account in its organization. */
export async function accountAnswer(reads: GlobalReads, organization: Organization, member: OrganizationMember) {
  const { account } = member
  const { name, email } = await profileOf(reads, account)
  return {
    Id: account,
    Arn: memberArn(organization, account),
    Email: email,
    Name: name,
    Status: 'ACTIVE',
    State: 'ACTIVE',
    Paths: [`${await pathOf(reads, organization, member.parent)}${account}/`],
    JoinedMethod: member.joinedBy,
    JoinedTimestamp: new Date(member.joinedAt),
  }
}

/** What the API says of a policy in listings. */
export function policySummary(organization: Organization, policy: ControlPolicy) {
  const { id, name, description, type } = policy
  return {
    Id: id,
    Arn: controlPolicyArn(organization, policy),
    Name: name,
    Description: description,
    Type: type,
    AwsManaged: managedControlPolicy(id) !== null,
  }
}

/** What the API says of a policy, its text included. */
export function policyAnswer(organization: Organization, policy: ControlPolicy) {
  return { Policy: { PolicySummary: policySummary(organization, policy), Content: policy.text } }
}

/** What the API says of the making of an account. */
export function creationAnswer({ id, accountName, requestedAt, account }: AccountCreation) {
  return {
    Id: id,
    AccountName: accountName,
    State: account === null ? 'FAILED' : 'SUCCEEDED',
    RequestedTimestamp: new Date(requestedAt),
    CompletedTimestamp: new Date(requestedAt),
    ...(account === null ? { FailureReason: 'EMAIL_ALREADY_EXISTS' } : { AccountId: account }),
  }
}

/** What the API says of an invitation. */
export async function invitationAnswer(reads: GlobalReads, invitation: Invitation, now: number) {
  const { id, organization, managementAccount, account, email, notes, requestedAt, expiresAt } = invitation
  const manager = await profileOf(reads, managementAccount)
  const kept = await reads.document({ kind: 'organization', account: '', name: organization })
  const invited = email === null ? { Id: account, Type: 'ACCOUNT' } : { Id: email, Type: 'EMAIL' }
  return {
    Id: id,
    Arn: invitationArn(invitation),
    Parties: [{ Id: organization, Type: 'ORGANIZATION' }, invited],
    State: stateOf(invitation, now),
    RequestedTimestamp: new Date(requestedAt),
    ExpirationTimestamp: new Date(expiresAt),
    Action: 'INVITE',
    Resources: [
      {
        Value: organization,
        Type: 'ORGANIZATION',
        Resources: [
          { Value: manager.email, Type: 'MASTER_EMAIL' },
          { Value: manager.name, Type: 'MASTER_NAME' },
          { Value: kept?.featureSet ?? 'ALL', Type: 'ORGANIZATION_FEATURE_SET' },
        ],
      },
      { Value: invited.Id, Type: invited.Type },
      ...(notes === '' ? [] : [{ Value: notes, Type: 'NOTES' }]),
    ],
  }
}

/** An invitation that nobody answers expires by itself. */
export function stateOf({ state, expiresAt }: Invitation, now: number): Invitation['state'] | 'EXPIRED' {
  return state === 'OPEN' && now >= expiresAt ? 'EXPIRED' : state
}

async function profileOf(reads: GlobalReads, account: string) {
  return accountProfile(account, await reads.document({ kind: 'account', account, name: account }))
}

async function pathOf(reads: GlobalReads, organization: Organization, parent: string): Promise<string> {
  const units = await unitsDownTo(reads, organization, parent)
  return `${[organization.id, organization.root.id, ...units.map(({ id }) => id)].join('/')}/`
}
