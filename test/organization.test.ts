import {
  CreateKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  ListKeysCommand,
  ScheduleKeyDeletionCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import {
  AcceptHandshakeCommand,
  AttachPolicyCommand,
  CreateOrganizationCommand,
  CreatePolicyCommand,
  DescribeOrganizationCommand,
  EnablePolicyTypeCommand,
  InviteAccountToOrganizationCommand,
  ListRootsCommand,
  OrganizationsClient,
  type PolicyType,
} from '@aws-sdk/client-organizations'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kmsClient, refusalOf } from './clients/kms-client.ts'
import { createAccount } from './control.ts'
import { AWAY, HOME, startTestServer, type TestServer } from './server.ts'

const MEMBER = '444455556666'
const OUTSIDER = '777788889999'

let server: TestServer
let organizations: OrganizationsClient
let member: KMSClient
let management: KMSClient

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  await createAccount(server, MEMBER)
  await createAccount(server, OUTSIDER)
  const client = async (account?: string) =>
    new OrganizationsClient({ region: HOME, endpoint: server.url, credentials: await server.credentials(account) })
  organizations = await client()
  member = await kmsClient(server, HOME, MEMBER)
  management = await kmsClient(server, HOME)
  await organizations.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }))
  const { Roots } = await organizations.send(new ListRootsCommand({}))
  for (const PolicyType of ['SERVICE_CONTROL_POLICY', 'RESOURCE_CONTROL_POLICY'] as const) {
    await organizations.send(new EnablePolicyTypeCommand({ RootId: Roots?.[0]?.Id, PolicyType }))
  }
  const { Handshake } = await organizations.send(
    new InviteAccountToOrganizationCommand({ Target: { Id: MEMBER, Type: 'ACCOUNT' } }),
  )
  await (await client(MEMBER)).send(new AcceptHandshakeCommand({ HandshakeId: Handshake?.Id }))
})
afterAll(() => server[Symbol.asyncDispose]())

async function attach(Type: PolicyType, statement: object): Promise<void> {
  const Content = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
  const { Policy } = await organizations.send(
    new CreatePolicyCommand({ Type, Content, Name: `${Type}-${Math.random()}`, Description: '' }),
  )
  await organizations.send(new AttachPolicyCommand({ PolicyId: Policy?.PolicySummary?.Id, TargetId: MEMBER }))
}

describe('A service control policy', () => {
  it('binds the root user of a member too, and not the management account', async () => {
    const Condition = { StringNotEquals: { 'aws:RequestedRegion': HOME } }
    await attach('SERVICE_CONTROL_POLICY', { Effect: 'Deny', Action: 'kms:CreateKey', Resource: '*', Condition })
    await member.send(new CreateKeyCommand({}))
    const away = await kmsClient(server, AWAY, MEMBER)
    expect((await refusalOf(away.send(new CreateKeyCommand({})))).message).toMatch(
      /^User: arn:aws:iam::444455556666:root is not authorized to perform: kms:CreateKey on resource: \* with an explicit deny in a service control policy/,
    )
    await away.send(new ListKeysCommand({}))
    await (await kmsClient(server, AWAY)).send(new CreateKeyCommand({}))
  })
})

describe('A resource control policy', () => {
  it('binds everybody who uses a key of a member, whatever the key policy says', async () => {
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' }],
    })
    const { KeyMetadata } = await member.send(new CreateKeyCommand({ Policy }))
    const encrypt = (kms: KMSClient) =>
      kms.send(new EncryptCommand({ KeyId: KeyMetadata?.Arn, Plaintext: Buffer.from('x') }))
    await encrypt(management)
    const Condition = { StringNotEquals: { 'aws:PrincipalAccount': MEMBER } }
    await attach('RESOURCE_CONTROL_POLICY', {
      Effect: 'Deny',
      Principal: '*',
      Action: 'kms:*',
      Resource: '*',
      Condition,
    })
    await encrypt(member)
    expect((await refusalOf(encrypt(management))).name).toBe('AccessDeniedException')
  })
})

describe('The organization of a key', () => {
  it('is known to whoever decides on it, as is that of who asks', async () => {
    const { Organization } = await organizations.send(new DescribeOrganizationCommand({}))
    const { Roots } = await organizations.send(new ListRootsCommand({}))
    const keyFor = async (kms: KMSClient, condition: object) => {
      const allow = { Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' }
      const Policy = JSON.stringify({
        Version: '2012-10-17',
        Statement: [allow, { ...allow, Effect: 'Deny', Action: 'kms:Encrypt', Condition: condition }],
      })
      return (await kms.send(new CreateKeyCommand({ Policy }))).KeyMetadata?.Arn
    }
    const encrypt = async (kms: KMSClient, condition: object) => {
      const KeyId = await keyFor(kms, condition)
      return kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }))
    }
    const own = '${aws:PrincipalOrgID}'
    const paths = [`${Organization?.Id}/${Roots?.[0]?.Id}/`]
    await encrypt(member, { StringNotEquals: { 'aws:ResourceOrgID': Organization?.Id } })
    await encrypt(member, { StringNotEqualsIfExists: { 'aws:ResourceOrgID': own } })
    await encrypt(member, { 'ForAllValues:StringNotLike': { 'aws:ResourceOrgPaths': paths } })
    const denied = [
      { StringEquals: { 'aws:ResourceOrgID': Organization?.Id } },
      { StringEquals: { 'aws:ResourceOrgID': own } },
      { 'ForAnyValue:StringLike': { 'aws:ResourceOrgPaths': paths } },
    ]
    for (const condition of denied) {
      expect((await refusalOf(encrypt(member, condition))).name).toBe('AccessDeniedException')
    }
    const outside = await kmsClient(server, HOME, OUTSIDER)
    await encrypt(outside, { Null: { 'aws:ResourceOrgID': 'false' } })
    await encrypt(outside, { Null: { 'aws:ResourceOrgPaths': 'false' } })
    expect((await refusalOf(encrypt(outside, { Null: { 'aws:ResourceOrgID': 'true' } }))).name).toBe(
      'AccessDeniedException',
    )
  })
})

describe('The last use of a key', () => {
  it('is known to whoever decides on its end', async () => {
    const outside = await kmsClient(server, HOME, OUTSIDER)
    const allow = { Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' }
    const Condition = { NumericLessThan: { 'kms:TrailingDaysWithoutKeyUsage': '90' } }
    const end = ['kms:DisableKey', 'kms:ScheduleKeyDeletion']
    const Policy = JSON.stringify({ Statement: [allow, { ...allow, Effect: 'Deny', Action: end, Condition }] })
    const make = async () => (await outside.send(new CreateKeyCommand({ Policy }))).KeyMetadata?.KeyId
    const [used, unused] = [await make(), await make()]
    await outside.send(new EncryptCommand({ KeyId: used, Plaintext: Buffer.from('x') }))
    for (const command of [new DisableKeyCommand({ KeyId: used }), new ScheduleKeyDeletionCommand({ KeyId: used })]) {
      expect((await refusalOf(outside.send(command))).name).toBe('AccessDeniedException')
    }
    await outside.send(new DisableKeyCommand({ KeyId: unused }))
    await outside.send(new ScheduleKeyDeletionCommand({ KeyId: unused }))
  })
})
