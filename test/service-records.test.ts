import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Operation } from '../src/kernel/operation.ts'
import { accountOperations } from '../src/services/account/index.ts'
import { cloudTrailOperations } from '../src/services/cloudtrail/index.ts'
import { iamOperations } from '../src/services/iam/index.ts'
import { organizationsOperations } from '../src/services/organizations/index.ts'
import { stsOperations } from '../src/services/sts/index.ts'
import { auditLog } from './audit-log.ts'
import { cloudTrailClient } from './clients/cloudtrail-client.ts'
import { sdkCaller, type SdkCall, type SdkService } from './clients/sdk-calls.ts'
import { createAccount } from './control.ts'
import { expectGolden } from './golden-file.ts'
import { expectDocumentedMembers, standIns, type RecordText } from './record-text.ts'
import { AWAY, HOME, startTestServer, type TestServer } from './server.ts'

const ACCOUNT = '111122223333'
const MEMBER = '444455556666'
const STRANGER = '777788889999'
const ALLOW = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}'
const TRUST = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["${ACCOUNT}","${MEMBER}"]},"Action":["sts:AssumeRole","sts:TagSession"]}]}`
const SCP = 'SERVICE_CONTROL_POLICY'
const Tags = [{ Key: 'team', Value: 'red' }]
const TagKeys = ['team']
const SESSIONS = ['AssumeRole', 'GetFederationToken', 'GetSessionToken']

/** The services by their event sources, each with what it does. */
const OPERATIONS: Readonly<Record<string, readonly Operation[]>> = {
  account: accountOperations,
  cloudtrail: cloudTrailOperations(
    async () => ({ records: [], places: [], last: null }),
    async () => null,
  ),
  iam: iamOperations,
  organizations: organizationsOperations,
  sts: stsOperations,
}

let server: TestServer
let records: readonly RecordText[]

beforeAll(async () => {
  // The home is another Region: what belongs to none is recorded in us-east-1 all the same.
  server = await startTestServer({ regions: `${AWAY},${HOME}` })
  for (const each of [MEMBER, STRANGER]) await createAccount(server, each)
  await useIam(await callerOf('iam'))
  await useSts()
  await useOrganizations()
  await useAccounts()
  await useTrails()
  await server.stop()
  records = [await auditLog(server, 'global'), await auditLog(server, AWAY)]
    .join('')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RecordText)
}, 120_000)
afterAll(() => server[Symbol.asyncDispose]())

async function callerOf(service: SdkService, account?: string): Promise<SdkCall> {
  return sdkCaller(service, { endpoint: server.url, region: AWAY, credentials: await server.credentials(account) })
}

async function useIam(call: SdkCall): Promise<void> {
  const UserName = 'ada'
  const [GroupName, RoleName, PolicyName] = ['crew', 'worker', 'inline']
  await call('CreateUser', { UserName, Path: '/team/', Tags })
  await call('CreateGroup', { GroupName })
  await call('CreateRole', { RoleName, AssumeRolePolicyDocument: TRUST, Description: 'works', Tags })
  const { Policy } = (await call('CreatePolicy', { PolicyName: 'managed', PolicyDocument: ALLOW, Tags })) as {
    Policy: { Arn: string }
  }
  const PolicyArn = Policy.Arn
  await call('CreatePolicyVersion', { PolicyArn, PolicyDocument: ALLOW })
  await call('SetDefaultPolicyVersion', { PolicyArn, VersionId: 'v2' })
  for (const operation of ['GetPolicy', 'ListPolicyVersions', 'ListPolicyTags', 'ListEntitiesForPolicy']) {
    await call(operation, { PolicyArn })
  }
  await call('GetPolicyVersion', { PolicyArn, VersionId: 'v1' })
  await call('DeletePolicyVersion', { PolicyArn, VersionId: 'v1' })
  await call('TagPolicy', { PolicyArn, Tags })
  await call('UntagPolicy', { PolicyArn, TagKeys })
  for (const [kind, who] of [
    ['User', { UserName }],
    ['Role', { RoleName }],
    ['Group', { GroupName }],
  ] as const) {
    await call(`Put${kind}Policy`, { ...who, PolicyName, PolicyDocument: ALLOW })
    await call(`Get${kind}Policy`, { ...who, PolicyName })
    await call(`List${kind}Policies`, who)
    await call(`Attach${kind}Policy`, { ...who, PolicyArn })
    await call(`ListAttached${kind}Policies`, who)
    await call(`Detach${kind}Policy`, { ...who, PolicyArn })
    await call(`Delete${kind}Policy`, { ...who, PolicyName })
    await call(`Get${kind}`, who)
    await call(`List${kind}s`)
    if (kind === 'Group') continue
    await call(`Put${kind}PermissionsBoundary`, { ...who, PermissionsBoundary: PolicyArn })
    await call(`Delete${kind}PermissionsBoundary`, who)
    await call(`Tag${kind}`, { ...who, Tags })
    await call(`List${kind}Tags`, who)
    await call(`Untag${kind}`, { ...who, TagKeys })
  }
  await useKeysOf(call, UserName)
  await call('AddUserToGroup', { UserName, GroupName })
  await call('ListGroupsForUser', { UserName })
  await call('RemoveUserFromGroup', { UserName, GroupName })
  const simulated = { ActionNames: ['kms:Encrypt'] }
  await call('SimulateCustomPolicy', { ...simulated, PolicyInputList: [ALLOW] })
  await call('SimulatePrincipalPolicy', { ...simulated, PolicySourceArn: `arn:aws:iam::${ACCOUNT}:user/team/ada` })
  await call('UpdateAssumeRolePolicy', { RoleName, PolicyDocument: TRUST })
  await call('UpdateRole', { RoleName, MaxSessionDuration: 7200 })
  await call('UpdateRoleDescription', { RoleName, Description: 'works more' })
  await call('ListInstanceProfilesForRole', { RoleName })
  await call('UpdateGroup', { GroupName, NewGroupName: 'team' })
  await call('UpdateUser', { UserName, NewUserName: 'grace' })
  for (const operation of ['GetAccountSummary', 'ListAccountAliases', 'ListPolicies', 'ListVirtualMFADevices']) {
    await call(operation)
  }
  const { Role } = (await call('CreateServiceLinkedRole', { AWSServiceName: 'mrk.kms.amazonaws.com' })) as {
    Role: { RoleName: string }
  }
  const { DeletionTaskId } = await call('DeleteServiceLinkedRole', { RoleName: Role.RoleName })
  await call('GetServiceLinkedRoleDeletionStatus', { DeletionTaskId })
  await call('CreateUser', { UserName: 'grace' }).catch(() => {})
  for (const [operation, input] of [
    ['DeleteUser', { UserName: 'grace' }],
    ['DeleteGroup', { GroupName: 'team' }],
    ['DeletePolicy', { PolicyArn }],
  ] as const) {
    await call(operation, input)
  }
}

async function useKeysOf(call: SdkCall, UserName: string): Promise<void> {
  const { AccessKey } = (await call('CreateAccessKey', { UserName })) as {
    AccessKey: { AccessKeyId: string; SecretAccessKey: string }
  }
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = AccessKey
  const credentials = { accessKeyId, secretAccessKey }
  const user = sdkCaller('iam', { endpoint: server.url, region: AWAY, credentials })
  await user('DeleteUser', { UserName: 'nobody' }).catch(() => {})
  const AccessKeyId = accessKeyId
  await call('ListAccessKeys', { UserName })
  await call('GetAccessKeyLastUsed', { AccessKeyId })
  await call('UpdateAccessKey', { UserName, AccessKeyId, Status: 'Inactive' })
  await call('DeleteAccessKey', { UserName, AccessKeyId })
  await call('GetLoginProfile', { UserName }).catch(() => {})
  for (const operation of [
    'ListMFADevices',
    'ListServiceSpecificCredentials',
    'ListSigningCertificates',
    'ListSSHPublicKeys',
  ]) {
    await call(operation, { UserName })
  }
}

async function useSts(): Promise<void> {
  const call = await callerOf('sts')
  const iam = await callerOf('iam')
  await call('GetCallerIdentity')
  await call('GetSessionToken', { DurationSeconds: 3600 })
  await call('GetFederationToken', { Name: 'federated', Policy: ALLOW })
  await call('GetAccessKeyInfo', { AccessKeyId: (await server.credentials()).accessKeyId })
  const user = await stsUser(ACCOUNT)
  const RoleArn = `arn:aws:iam::${ACCOUNT}:role/worker`
  await user('AssumeRole', { RoleArn, RoleSessionName: 'shift', Policy: ALLOW, Tags, ExternalId: 'external' })
  await user('AssumeRole', { RoleArn: `${RoleArn}-none`, RoleSessionName: 'shift' }).catch(() => {})
  await (
    await stsUser(MEMBER)
  )('AssumeRole', { RoleArn, RoleSessionName: 'guest' })
  await iam('DeleteRole', { RoleName: 'worker' })
}

/** A user of an account who may take on roles. */
async function stsUser(account: string): Promise<SdkCall> {
  const iam = await callerOf('iam', account === ACCOUNT ? undefined : account)
  const UserName = 'caller'
  await iam('CreateUser', { UserName })
  const PolicyDocument = ALLOW.replace('kms:*', 'sts:*')
  await iam('PutUserPolicy', { UserName, PolicyName: 'assume', PolicyDocument })
  const { AccessKey } = (await iam('CreateAccessKey', { UserName })) as {
    AccessKey: { AccessKeyId: string; SecretAccessKey: string }
  }
  const credentials = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey }
  return sdkCaller('sts', { endpoint: server.url, region: AWAY, credentials })
}

async function useOrganizations(): Promise<void> {
  const call = await callerOf('organizations')
  const member = await callerOf('organizations', MEMBER)
  await call('CreateOrganization', { FeatureSet: 'ALL' })
  await call('DescribeOrganization')
  const { Roots } = (await call('ListRoots')) as { Roots: { Id: string }[] }
  const root = Roots[0]?.Id ?? ''
  const invite = async (Id: string) => {
    const input = { Target: { Id, Type: 'ACCOUNT' }, Notes: 'join us' }
    return ((await call('InviteAccountToOrganization', input)) as { Handshake: { Id: string } }).Handshake.Id
  }
  const cancelled = await invite(STRANGER)
  await call('CancelHandshake', { HandshakeId: cancelled })
  const declined = await invite(MEMBER)
  await member('DeclineHandshake', { HandshakeId: declined })
  const HandshakeId = await invite(MEMBER)
  await call('DescribeHandshake', { HandshakeId })
  await call('ListHandshakesForOrganization')
  await member('ListHandshakesForAccount')
  await member('AcceptHandshake', { HandshakeId })
  await member('ListAccounts').catch(() => {})
  const unit = { ParentId: root, Name: 'unit', Tags }
  const { OrganizationalUnit } = (await call('CreateOrganizationalUnit', unit)) as {
    OrganizationalUnit: { Id: string }
  }
  const OrganizationalUnitId = OrganizationalUnit.Id
  await call('UpdateOrganizationalUnit', { OrganizationalUnitId, Name: 'renamed' })
  await call('DescribeOrganizationalUnit', { OrganizationalUnitId })
  await call('ListOrganizationalUnitsForParent', { ParentId: root })
  await call('MoveAccount', { AccountId: MEMBER, SourceParentId: root, DestinationParentId: OrganizationalUnitId })
  await call('ListAccountsForParent', { ParentId: OrganizationalUnitId })
  await call('ListChildren', { ParentId: root, ChildType: 'ACCOUNT' })
  await call('ListParents', { ChildId: MEMBER })
  await call('DescribeAccount', { AccountId: MEMBER })
  await call('ListAccounts')
  await useControlPolicies(call, root)
  const made = { AccountName: 'made', Email: 'made@example.com' }
  const { CreateAccountStatus } = (await call('CreateAccount', made)) as { CreateAccountStatus: { Id: string } }
  await call('DescribeCreateAccountStatus', { CreateAccountRequestId: CreateAccountStatus.Id })
  await call('ListCreateAccountStatus')
  await call('MoveAccount', { AccountId: MEMBER, SourceParentId: OrganizationalUnitId, DestinationParentId: root })
  await call('DeleteOrganizationalUnit', { OrganizationalUnitId })
  await call('RemoveAccountFromOrganization', { AccountId: MEMBER })
  await member('AcceptHandshake', { HandshakeId: await invite(MEMBER) })
  await member('LeaveOrganization')
  // The account that was made cannot leave.
  await call('DeleteOrganization').catch(() => {})
}

async function useControlPolicies(call: SdkCall, root: string): Promise<void> {
  await call('EnablePolicyType', { RootId: root, PolicyType: SCP })
  const Content = ALLOW.replace('Allow', 'Deny')
  const policy = { Name: 'deny', Description: 'no keys', Content, Type: SCP }
  const { Policy } = (await call('CreatePolicy', policy)) as { Policy: { PolicySummary: { Id: string } } }
  const PolicyId = Policy.PolicySummary.Id
  await call('DescribePolicy', { PolicyId })
  await call('UpdatePolicy', { PolicyId, Description: 'no keys at all' })
  await call('ListPolicies', { Filter: SCP })
  await call('AttachPolicy', { PolicyId, TargetId: MEMBER })
  await call('ListTargetsForPolicy', { PolicyId })
  await call('ListPoliciesForTarget', { TargetId: MEMBER, Filter: SCP })
  await call('DetachPolicy', { PolicyId, TargetId: MEMBER })
  await call('TagResource', { ResourceId: PolicyId, Tags })
  await call('ListTagsForResource', { ResourceId: PolicyId })
  await call('UntagResource', { ResourceId: PolicyId, TagKeys })
  await call('DeletePolicy', { PolicyId })
  await call('DisablePolicyType', { RootId: root, PolicyType: SCP })
}

async function useAccounts(): Promise<void> {
  const call = await callerOf('account')
  const ContactInformation = {
    FullName: 'Ada',
    AddressLine1: 'A street',
    City: 'A town',
    PostalCode: '12345',
    CountryCode: 'DE',
    PhoneNumber: '+4912345',
  }
  await call('PutContactInformation', { ContactInformation })
  await call('GetContactInformation')
  await call('PutAccountName', { AccountName: 'first' })
  await call('GetAccountInformation')
  await call('GetPrimaryEmail', { AccountId: ACCOUNT }).catch(() => {})
  await call('EnableRegion', { RegionName: 'af-south-1' }).catch(() => {})
  await call('GetRegionOptStatus', { RegionName: 'af-south-1' })
  await call('DisableRegion', { RegionName: 'af-south-1' }).catch(() => {})
  await call('ListRegions')
}

async function useTrails(): Promise<void> {
  const client = await cloudTrailClient(server, AWAY)
  const ask = (operation: string, input: object) => client.ask(operation, input)
  const [Name, TrailName] = ['audit', 'audit']
  const ResourceId = `arn:aws:cloudtrail:${AWAY}:${ACCOUNT}:trail/audit`
  await ask('CreateTrail', { Name, S3BucketName: 'bucket', TagsList: Tags })
  await ask('UpdateTrail', { Name, S3KeyPrefix: 'prefix', IsMultiRegionTrail: true })
  await ask('PutEventSelectors', { TrailName, EventSelectors: [{ ReadWriteType: 'WriteOnly' }] })
  const FieldSelectors = [{ Field: 'eventCategory', Equals: ['Management'] }]
  await ask('PutEventSelectors', { TrailName, AdvancedEventSelectors: [{ Name: 'all', FieldSelectors }] })
  for (const operation of ['GetEventSelectors', 'GetInsightSelectors']) await ask(operation, { TrailName })
  for (const operation of ['StartLogging', 'GetTrail', 'GetTrailStatus', 'StopLogging']) await ask(operation, { Name })
  await ask('AddTags', { ResourceId, TagsList: Tags })
  await ask('ListTags', { ResourceIdList: [ResourceId] })
  await ask('RemoveTags', { ResourceId, TagsList: Tags })
  for (const operation of ['DescribeTrails', 'ListTrails', 'ListPublicKeys', 'LookupEvents']) await ask(operation, {})
  await ask('DeleteTrail', { Name })
  await ask('DeleteTrail', { Name })
}

const sourceOf = (service: string) => `${service}.amazonaws.com`
const of = (service: string) => records.filter(({ eventSource }) => eventSource === sourceOf(service))

/** The ids that chance chooses, as what they are. */
function idsGone(text: string): string {
  return text
    .replaceAll(/\b(A[A-Z]{2}A)[A-Z0-9]{16,17}\b/g, '<$1 id>')
    .replaceAll(/\b(o|h|p|car)-[0-9a-z]{8,32}\b/g, '$1-<id>')
    .replaceAll(/\bou-[0-9a-z]{4}-[0-9a-z]{8}\b/g, 'ou-<id>')
    .replaceAll(/\br-[0-9a-z]{4}\b/g, 'r-<id>')
    .replaceAll(/"accountId": "(?!111122223333|444455556666|777788889999)\d{12}"/g, '"accountId": "<account>"')
}

/** What kind of record it is: of each kind the first is shown. */
function kindOf({ eventName, awsRegion, readOnly, recipientAccountId, userIdentity, errorCode }: RecordText): string {
  const by = `${String(userIdentity['type'] ?? userIdentity['invokedBy'])} of ${String(userIdentity['accountId'])}`
  const end = errorCode === undefined ? '' : `, refused as ${errorCode}`
  return `${eventName}, ${readOnly ? 'reads' : 'writes'}, in ${awsRegion}, by ${by}, for ${recipientAccountId}${end}`
}

describe.each(Object.keys(OPERATIONS))('A record of %s', (service) => {
  it('says what was approved', async () => {
    const kinds = new Map<string, RecordText>()
    for (const record of of(service)) if (!kinds.has(kindOf(record))) kinds.set(kindOf(record), record)
    const shown = [...kinds].toSorted(([one], [other]) => (one < other ? -1 : 1))
    const text = shown.map(
      ([kind, { requestParameters, responseElements, additionalEventData, errorMessage, resources }]) => {
        const parts = { requestParameters, responseElements, additionalEventData, errorMessage, resources }
        return `${kind}\n\n${JSON.stringify(parts, null, 2)}\n`
      },
    )
    await expectGolden(`records-${service}.txt`, idsGone(standIns(text.join('\n'))))
  })

  it('is there for every operation, with the members that AWS documents', () => {
    const recorded = new Set(of(service).map(({ eventName }) => eventName))
    const names = OPERATIONS[service]?.map(({ name }) => name) ?? []
    expect(names.filter((name) => !recorded.has(name))).toEqual([])
    for (const record of of(service)) expectDocumentedMembers(record)
  })

  it('tells no answer of what only reads, and none of what was refused', () => {
    // CloudTrail takes the beginning of a session for a read, and tells what it is called.
    const told = of(service).filter((each) => each.responseElements !== null && !SESSIONS.includes(each.eventName))
    expect(told.filter(({ readOnly, errorCode }) => readOnly || errorCode !== undefined)).toEqual([])
  })
})

describe('Records of what belongs to no Region', () => {
  it('are of us-east-1, wherever it was asked; those of STS and CloudTrail of the Region that was asked', () => {
    for (const service of ['account', 'iam', 'organizations']) {
      expect(new Set(of(service).map(({ awsRegion }) => awsRegion))).toEqual(new Set([HOME]))
    }
    for (const service of ['sts', 'cloudtrail']) {
      expect(new Set(of(service).map(({ awsRegion }) => awsRegion))).toEqual(new Set([AWAY]))
    }
  })

  it('hold no secret of credentials, and nothing of an address', () => {
    const text = JSON.stringify(records)
    expect(text).not.toMatch(/"(?:secretAccessKey|sessionToken|password|addressLine1|phoneNumber|fullName)":/i)
    expect(text).not.toContain('made@example.com')
  })
})
