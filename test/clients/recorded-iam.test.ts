import * as sdk from '@aws-sdk/client-iam'
import {
  CreateGrantCommand,
  CreateKeyCommand,
  EncryptCommand,
  KMSClient,
  PutKeyPolicyCommand,
} from '@aws-sdk/client-kms'
import { AssumeRoleCommand, GetFederationTokenCommand, STSClient } from '@aws-sdk/client-sts'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAccount } from '../control.ts'
import { HOME, startTestServer, type TestServer } from '../server.ts'
import { iamClient, iamRefusal } from './iam-client.ts'
import { kmsClient, refusalOf } from './kms-client.ts'
import { policyOf, principalsOf } from './principals.ts'

/** What AWS IAM and STS were recorded to answer, by the suites and captures of others: each row is one recording. */

let server: TestServer
let iam: sdk.IAMClient

beforeAll(async () => {
  server = await startTestServer({ regions: HOME })
  iam = await iamClient(server)
})
afterAll(() => server[Symbol.asyncDispose]())

const ALLOW = { Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::example_bucket' }
const ROOT = 'arn:aws:iam::111122223333:root'

function managed(document: object) {
  const PolicyDocument = JSON.stringify(document)
  return iam.send(new sdk.CreatePolicyCommand({ PolicyName: `p-${randomUUID()}`, PolicyDocument }))
}

async function inline(document: object) {
  const UserName = `u-${randomUUID()}`
  await iam.send(new sdk.CreateUserCommand({ UserName }))
  const PolicyDocument = JSON.stringify(document)
  return iam.send(new sdk.PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument }))
}

function role(AssumeRolePolicyDocument: string) {
  return iam.send(new sdk.CreateRoleCommand({ RoleName: `r-${randomUUID()}`, AssumeRolePolicyDocument }))
}

const of = (change: object) => ({ Version: '2012-10-17', Statement: { ...ALLOW, ...change } })
const dated = (value: string) => of({ Condition: { DateGreaterThan: { 'aws:CurrentTime': value } } })
const IAM_PATH =
  'IAM resource path must either be "*" or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, ' +
  'server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.'
const TOO_OLD = 'Policy document must be version 2012-10-17 or greater.'

describe('A policy', () => {
  it.each<[string, object]>([
    ['an ARN that ends with the service', of({ Resource: 'arn:aws:fdsasf' })],
    ['a dot in the vendor', of({ Action: 's3.s:ListBucket' })],
    ['an operator that nobody knows, without keys', of({ Condition: { a: {} } })],
    ['the year 1', dated('01T')],
    ['a date with loose digits', dated('2016-12-13t2:00:00.593194+23')],
    ['a path of IAM', of({ Resource: ['arn:aws:iam::111122223333:user/a', 'arn:aws:iam::111122223333:*'] })],
    ['the greatest number of seconds', dated('9223372036854775807')],
  ])('is taken with %s', async (_what, document) => {
    await managed(document)
    await inline(document)
  })

  it.each<[string, object, string]>([
    ['an ARN of IAM without a path', of({ Resource: 'arn:aws:iam::111122223333:example' }), IAM_PATH],
    [
      'an ARN of IAM with a Region',
      of({ Resource: 'arn:aws:iam:us-east-1:111122223333:user/a' }),
      'IAM resource arn:aws:iam:us-east-1:111122223333:user/a cannot contain region information.',
    ],
    [
      'an ARN of S3 with a Region',
      of({ Resource: 'arn:aws:s3:us-east-1::example_bucket' }),
      'Resource arn:aws:s3:us-east-1::example_bucket can not contain region information.',
    ],
    ['more seconds than 64 bits', dated('9223372036854775808'), 'Syntax errors in policy.'],
    ['an unknown version', { Version: '2012-10-18', Statement: ALLOW }, 'Syntax errors in policy.'],
  ])('is refused with %s', async (_what, document, message) => {
    for (const put of [managed, inline]) {
      const refusal = await iamRefusal(put(document))
      expect(refusal.code).toBe('MalformedPolicyDocument')
      expect(refusal.message.startsWith(message)).toBe(true)
    }
  })

  it.each([{ Statement: ALLOW }, { Version: '2008-10-17', Statement: ALLOW }])(
    'of an older version is only inline: %j',
    async (document) => {
      await inline(document)
      expect(await iamRefusal(managed(document))).toMatchObject({ code: 'MalformedPolicyDocument', message: TOO_OLD })
    },
  )
})

describe('A trust policy', () => {
  it.each(['sts:BadAssumeRole', 'sts:*', 'sts:GetCallerIdentity', '*'])('does not take %s', async (Action) => {
    expect(await iamRefusal(role(policyOf({ Effect: 'Allow', Principal: { AWS: ROOT }, Action })))).toEqual({
      code: 'MalformedPolicyDocument',
      message: 'AssumeRole policy may only specify STS AssumeRole actions.',
      status: 400,
    })
  })

  it('takes what goes with taking on a role', async () => {
    const Action = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity', 'sts:AssumeRoleWithWebIdentity']
    await role(policyOf({ Effect: 'Allow', Principal: { AWS: ROOT }, Action }))
  })

  it('that is no JSON is told so', async () => {
    const { message } = await iamRefusal(role('{"Version": "2012-10-17",'))
    expect(message).toBe('This policy contains invalid Json')
  })
})

describe('CreateRole', () => {
  it('answers neither how long sessions last nor the last use', async () => {
    const { Role } = await role(policyOf({ Effect: 'Allow', Principal: { AWS: ROOT }, Action: 'sts:AssumeRole' }))
    expect(Role).not.toHaveProperty('MaxSessionDuration')
    expect(Role).not.toHaveProperty('RoleLastUsed')
    const shown = await iam.send(new sdk.GetRoleCommand({ RoleName: Role?.RoleName }))
    expect(shown.Role).toMatchObject({ MaxSessionDuration: 3600, RoleLastUsed: {} })
  })
})

describe('GetFederationToken', () => {
  it('tells how much of its space the policies take up', async () => {
    const user = await (
      await principalsOf(server, HOME)
    ).user(policyOf({ Effect: 'Allow', Action: 'sts:GetFederationToken', Resource: '*' }))
    const sts = new STSClient({ region: HOME, endpoint: server.url, credentials: user.credentials })
    const ask = async (Policy?: string) =>
      (await sts.send(new GetFederationTokenCommand({ Name: 'bob', Policy }))).PackedPolicySize
    expect(await ask()).toBe(0)
    expect(await ask(policyOf(ALLOW))).toBeGreaterThan(0)
  })
})

describe('A service-linked role', () => {
  it.each([
    ['autoscaling.amazonaws.com', undefined, 'AWSServiceRoleForAutoScaling'],
    ['autoscaling.amazonaws.com', 'mine', 'AWSServiceRoleForAutoScaling_mine'],
    ['spot.amazonaws.com', undefined, 'AWSServiceRoleForEC2Spot'],
    ['rds.amazonaws.com', undefined, 'AWSServiceRoleForRDS'],
    ['eks.amazonaws.com', undefined, 'AWSServiceRoleForAmazonEKS'],
    ['es.amazonaws.com', undefined, 'AWSServiceRoleForAmazonElasticsearchService'],
    ['sso.amazonaws.com', undefined, 'AWSServiceRoleForSSO'],
    ['organizations.amazonaws.com', undefined, 'AWSServiceRoleForOrganizations'],
  ])('of %s (suffix %s) is made, named by key policies and grants, and deleted', async (service, suffix, name) => {
    const create = () =>
      iam.send(new sdk.CreateServiceLinkedRoleCommand({ AWSServiceName: service, CustomSuffix: suffix }))
    const { Role } = await create()
    const arn = `arn:aws:iam::111122223333:role/aws-service-role/${service}/${name}`
    expect(Role).toMatchObject({ RoleName: name, Arn: arn, Path: `/aws-service-role/${service}/` })
    expect(await iamRefusal(create())).toMatchObject({
      code: 'InvalidInput',
      message: `Service role name ${name} has been taken in this account, please try a different suffix.`,
    })
    const kms = await kmsClient(server, HOME)
    const KeyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId
    const everything = { Effect: 'Allow', Action: 'kms:*', Resource: '*' }
    const Policy = policyOf({ ...everything, Principal: { AWS: [ROOT, arn] } })
    await kms.send(new PutKeyPolicyCommand({ KeyId, Policy }))
    await kms.send(new CreateGrantCommand({ KeyId, GranteePrincipal: arn, Operations: ['Decrypt'] }))
    const { DeletionTaskId } = await iam.send(new sdk.DeleteServiceLinkedRoleCommand({ RoleName: name }))
    const status = new sdk.GetServiceLinkedRoleDeletionStatusCommand({ DeletionTaskId })
    expect((await iam.send(status)).Status).toBe('SUCCEEDED')
    expect((await iamRefusal(iam.send(new sdk.GetRoleCommand({ RoleName: name })))).code).toBe('NoSuchEntity')
  })

  it('has a suffix only where its service takes one, and a service that has one', async () => {
    const suffixed = new sdk.CreateServiceLinkedRoleCommand({ AWSServiceName: 'rds.amazonaws.com', CustomSuffix: 'x' })
    expect(await iamRefusal(iam.send(suffixed))).toMatchObject({
      code: 'InvalidInput',
      message: 'Custom suffix is not allowed for rds.amazonaws.com',
    })
    const unknown = new sdk.CreateServiceLinkedRoleCommand({ AWSServiceName: 'nothing.amazonaws.com' })
    const { code, message } = await iamRefusal(iam.send(unknown))
    expect(code).toBe('InvalidInput')
    expect(message).toContain('autoscaling.amazonaws.com')
  })

  it('of multi-Region keys is kept, and its deletion names the keys that need it', async () => {
    const kms = await kmsClient(server, HOME)
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ MultiRegion: true }))
    await kms.send(new CreateKeyCommand({}))
    const RoleName = 'AWSServiceRoleForKeyManagementServiceMultiRegionKeys'
    const { DeletionTaskId } = await iam.send(new sdk.DeleteServiceLinkedRoleCommand({ RoleName }))
    expect(await iam.send(new sdk.GetServiceLinkedRoleDeletionStatusCommand({ DeletionTaskId }))).toMatchObject({
      Status: 'FAILED',
      Reason: {
        Reason: 'Account owns one or more multi-Region keys',
        RoleUsageList: [{ Region: HOME, Resources: [KeyMetadata?.Arn] }],
      },
    })
  })
})

describe('The refusal of a key of another account, by a session', () => {
  it('tells of a session policy that is silent, where a grant names the role', async () => {
    const own = await kmsClient(server, HOME)
    await createAccount(server, '444455556666')
    const there = await principalsOf(server, HOME, '444455556666')
    const holder = await there.user(policyOf({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }))
    const RoleName = 'guest'
    const trust = policyOf({ Effect: 'Allow', Principal: { AWS: holder.arn }, Action: 'sts:AssumeRole' })
    const { Role } = await there.iam.send(new sdk.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }))
    const KeyId = (await own.send(new CreateKeyCommand({}))).KeyMetadata?.Arn
    await own.send(new CreateGrantCommand({ KeyId, GranteePrincipal: Role?.Arn, Operations: ['Encrypt'] }))
    const sts = new STSClient({ region: HOME, endpoint: server.url, credentials: holder.credentials })
    const refusal = async (Policy?: string) => {
      const asked = new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'session', Policy })
      const { Credentials: given } = await sts.send(asked)
      const credentials = {
        accessKeyId: given?.AccessKeyId ?? '',
        secretAccessKey: given?.SecretAccessKey ?? '',
        sessionToken: given?.SessionToken ?? '',
      }
      const kms = new KMSClient({ region: HOME, endpoint: server.url, credentials, maxAttempts: 1 })
      return (await refusalOf(kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('text') })))).message
    }
    expect(await refusal(policyOf(ALLOW))).toMatch(/because no session policy allows the kms:Encrypt action$/)
    expect(await refusal()).toMatch(/because no identity-based policy allows the kms:Encrypt action$/)
  })
})
