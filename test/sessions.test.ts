import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  IAMClient,
  ListUsersCommand,
  PutRolePolicyCommand,
  type Tag,
} from '@aws-sdk/client-iam'
import { CreateKeyCommand, DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import {
  AssumeRoleCommand,
  GetAccessKeyInfoCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  STSClient,
  type AssumeRoleCommandInput,
  type Credentials,
} from '@aws-sdk/client-sts'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditLog } from './audit-log.ts'
import { policyOf, principalsOf, type TestPrincipals } from './clients/principals.ts'
import { HOME, startTestServer, type TestServer } from './server.ts'

const OWNER = '111122223333'

interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

let server: TestServer
let people: TestPrincipals

beforeAll(async () => {
  server = await startTestServer({ regions: HOME })
  people = await principalsOf(server, HOME)
})
afterAll(() => server[Symbol.asyncDispose]())

const clientOptions = (credentials: Keys) => ({ region: HOME, endpoint: server.url, credentials, maxAttempts: 1 })
const stsOf = (credentials: Keys) => new STSClient(clientOptions(credentials))
const keysOf = (given: Credentials | undefined): Keys => ({
  accessKeyId: given?.AccessKeyId ?? '',
  secretAccessKey: given?.SecretAccessKey ?? '',
  sessionToken: given?.SessionToken ?? '',
})

const ALL = policyOf({ Effect: 'Allow', Action: '*', Resource: '*' })

/** A role that everybody of the account can take on, but for what more statements of its trust policy deny. */
async function createRole(trust: readonly object[] = [], Tags: Tag[] = []): Promise<string> {
  const RoleName = `role-${randomUUID()}`
  const Principal = { AWS: `arn:aws:iam::${OWNER}:root` }
  const Action = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity']
  const AssumeRolePolicyDocument = policyOf({ Effect: 'Allow', Principal, Action }, ...trust)
  const { Role } = await people.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument, Tags }))
  await people.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'all', PolicyDocument: ALL }))
  return Role?.Arn ?? ''
}

async function assume(keys: Keys, RoleArn: string, more: Partial<AssumeRoleCommandInput> = {}): Promise<Keys> {
  const asked = new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session', ...more })
  return keysOf((await stsOf(keys).send(asked)).Credentials)
}

const denyWhere = (Action: string, Condition: object) => ({
  Effect: 'Deny',
  Principal: '*',
  Action,
  Condition,
})
const isTagged = (key: string, value: string) => ({ StringEquals: { [`aws:PrincipalTag/${key}`]: value } })

describe('A chain of roles', () => {
  const department = { Tags: [{ Key: 'Department', Value: 'engineering' }], TransitiveTagKeys: ['department'] }

  it('hands transitive tags on through every session, over those of the roles', async () => {
    const { credentials } = await people.user(ALL)
    const first = await assume(credentials, await createRole(), {
      Tags: [...department.Tags, { Key: 'Shift', Value: 'night' }],
      TransitiveTagKeys: ['department'],
    })
    const second = await assume(first, await createRole([], [{ Key: 'DEPARTMENT', Value: 'sales' }]))
    const closed = await createRole([denyWhere('sts:AssumeRole', isTagged('Department', 'engineering'))])
    const third = await assume(second, await createRole([denyWhere('sts:AssumeRole', isTagged('Shift', 'night'))]))
    for (const keys of [first, second, third]) {
      await expect(assume(keys, closed)).rejects.toMatchObject({ name: 'AccessDenied' })
    }
    const Policy = policyOf(
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${OWNER}:root` }, Action: 'kms:*', Resource: '*' },
      { ...denyWhere('kms:DescribeKey', isTagged('department', 'engineering')), Resource: '*' },
    )
    const root = new KMSClient(clientOptions(await server.credentials()))
    const { KeyMetadata } = await root.send(new CreateKeyCommand({ Policy }))
    const describeKey = new KMSClient(clientOptions(third)).send(new DescribeKeyCommand({ KeyId: KeyMetadata?.KeyId }))
    await expect(describeKey).rejects.toMatchObject({ name: 'AccessDeniedException' })
  })

  it('refuses an inherited tag that is given again, in any case and with any value', async () => {
    const { credentials } = await people.user(ALL)
    const first = await assume(credentials, await createRole(), department)
    const next = await createRole()
    for (const Tag of [
      { Key: 'Department', Value: 'sales' },
      { Key: 'DEPARTMENT', Value: 'engineering' },
    ]) {
      for (const keys of [first, await assume(first, await createRole())]) {
        await expect(assume(keys, next, { Tags: [Tag] })).rejects.toMatchObject({
          name: 'InvalidParameterValue',
          message: expect.stringContaining(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key " +
              'from the calling session.',
          ),
        })
      }
    }
    await assume(first, next, { Tags: [{ Key: 'Shift', Value: 'night' }], TransitiveTagKeys: ['Shift'] })
  })

  it('needs leave for what is inherited, as for what is given', async () => {
    const { credentials } = await people.user(ALL)
    const first = await assume(credentials, await createRole(), { ...department, SourceIdentity: 'alice' })
    for (const action of ['sts:TagSession', 'sts:SetSourceIdentity']) {
      const closed = await createRole([{ Effect: 'Deny', Principal: '*', Action: action }])
      await expect(assume(first, closed)).rejects.toMatchObject({
        name: 'AccessDenied',
        message: expect.stringContaining(`is not authorized to perform: ${action} on resource: ${closed}`),
      })
    }
    const notAlice = { StringEquals: { 'sts:SourceIdentity': 'alice' } }
    const closed = await createRole([denyWhere('sts:AssumeRole', notAlice)])
    await expect(assume(first, closed)).rejects.toMatchObject({ name: 'AccessDenied' })
  })

  it('keeps its source identity, and takes no other', async () => {
    const { credentials } = await people.user(ALL)
    const first = await assume(credentials, await createRole(), { SourceIdentity: 'alice' })
    const second = await assume(first, await createRole())
    const next = await createRole()
    for (const keys of [first, second]) {
      await expect(assume(keys, next, { SourceIdentity: 'mallory' })).rejects.toMatchObject({
        name: 'AccessDenied',
        message: expect.stringContaining(`is not authorized to perform: sts:SetSourceIdentity on resource: ${next}`),
      })
    }
    const fromAlice = { StringEquals: { 'aws:SourceIdentity': 'alice' } }
    const closed = await createRole([denyWhere('sts:AssumeRole', fromAlice)])
    await expect(assume(second, closed)).rejects.toMatchObject({ name: 'AccessDenied' })
    const same = new AssumeRoleCommand({ RoleArn: next, RoleSessionName: 'same', SourceIdentity: 'alice' })
    expect((await stsOf(second).send(same)).SourceIdentity).toBe('alice')
    const silent = new AssumeRoleCommand({ RoleArn: next, RoleSessionName: 'silent' })
    expect((await stsOf(second).send(silent)).SourceIdentity).toBe('alice')
  })

  it('is recorded with what it hands on', async () => {
    const { credentials } = await people.user(ALL)
    const first = await assume(credentials, await createRole(), { ...department, SourceIdentity: 'alice' })
    await assume(first, await createRole(), { RoleSessionName: 'recorded' })
    const records = (await auditLog(server, 'global')).split('\n').filter((line) => line.includes('"recorded"'))
    expect(records.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      {
        eventName: 'AssumeRole',
        userIdentity: { sessionContext: { sourceIdentity: 'alice', attributes: { mfaAuthenticated: 'false' } } },
        requestParameters: { incomingTransitiveTags: { Department: 'engineering' }, sourceIdentity: 'alice' },
        responseElements: { sourceIdentity: 'alice' },
      },
    ])
  })
})

describe('Session tags', () => {
  it.each<[string, Pick<AssumeRoleCommandInput, 'Tags' | 'TransitiveTagKeys'>, string]>([
    [
      'given twice in another case',
      { Tags: tags('Team', 'team') },
      'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    ],
    [
      'transitive without being given',
      { TransitiveTagKeys: ['Team'] },
      'The specified transitive tag key must be included in the requested tags.',
    ],
    ['reserved', { Tags: tags('AWS:team') }, 'Tag keys beginning with aws: are reserved. Give the tag another key.'],
  ])('are refused: %s', async (_why, more, message) => {
    const { credentials } = await people.user(ALL)
    const refusal = { name: 'InvalidParameterValue', message }
    await expect(assume(credentials, await createRole(), more)).rejects.toMatchObject(refusal)
    if (more.Tags === undefined) return
    const federated = new GetFederationTokenCommand({ Name: 'partner', Tags: more.Tags })
    await expect(stsOf(credentials).send(federated)).rejects.toMatchObject(refusal)
  })

  it('are at most fifty, with those that are inherited', async () => {
    const { credentials } = await people.user(ALL)
    const names = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `tag-${from + index}`)
    const first = await assume(credentials, await createRole(), {
      Tags: tags(...names(0, 40)),
      TransitiveTagKeys: names(0, 40),
    })
    await assume(first, await createRole(), { Tags: tags(...names(40, 50)) })
    await expect(assume(first, await createRole(), { Tags: tags(...names(40, 51)) })).rejects.toMatchObject({
      name: 'PackedPolicyTooLargeException',
      message: expect.stringContaining('Packed size of session tags consumes 102% of allotted space.'),
    })
  })

  it('of a federated session are told to policies by their values too', async () => {
    const { credentials } = await people.user(
      policyOf(
        { Effect: 'Allow', Action: '*', Resource: '*' },
        {
          Effect: 'Deny',
          Action: 'sts:TagSession',
          Resource: '*',
          Condition: { StringEquals: { 'aws:RequestTag/Team': 'a' } },
        },
      ),
    )
    const begin = (Value: string) =>
      stsOf(credentials).send(new GetFederationTokenCommand({ Name: 'partner', Tags: [{ Key: 'team', Value }] }))
    await begin('b')
    await expect(begin('a')).rejects.toMatchObject({ name: 'AccessDenied' })
  })
})

describe('Temporary credentials', () => {
  const sessionOf = async (kind: 'user' | 'federated' | 'root'): Promise<Keys> => {
    const { credentials } = await people.user(ALL)
    const sts = stsOf(kind === 'root' ? await server.credentials() : credentials)
    const command =
      kind === 'federated'
        ? new GetFederationTokenCommand({ Name: 'partner', Policy: ALL })
        : new GetSessionTokenCommand({ DurationSeconds: 900 })
    return keysOf((await sts.send(command as GetSessionTokenCommand)).Credentials)
  }

  it.each(['user', 'federated', 'root'] as const)('of a session (%s) make nothing in IAM', async (kind) => {
    const iam = new IAMClient(clientOptions(await sessionOf(kind)))
    const refusal = {
      name: 'InvalidClientTokenId',
      message: expect.stringMatching(/^The security token included in the request is invalid\. IAM takes no/),
      $metadata: { httpStatusCode: 403 },
    }
    await expect(iam.send(new CreateAccessKeyCommand({}))).rejects.toMatchObject(refusal)
    await expect(iam.send(new ListUsersCommand({}))).rejects.toMatchObject(refusal)
  })

  it.each(['user', 'federated', 'root'] as const)('of a session (%s) begin no others of their kind', async (kind) => {
    const keys = await sessionOf(kind)
    const sts = stsOf(keys)
    await sts.send(new GetCallerIdentityCommand({}))
    for (const [name, command] of Object.entries({
      GetSessionToken: new GetSessionTokenCommand({}),
      GetFederationToken: new GetFederationTokenCommand({ Name: 'another', Policy: ALL }),
      GetAccessKeyInfo: new GetAccessKeyInfoCommand({ AccessKeyId: keys.accessKeyId }),
    })) {
      await expect(sts.send(command as GetSessionTokenCommand)).rejects.toMatchObject({
        name: 'AccessDenied',
        message: `Cannot call ${name} with session credentials`,
      })
    }
  })

  it('of a user take on roles; those of a federated user do not', async () => {
    const role = await createRole()
    const keys = await assume(await sessionOf('user'), role)
    await new IAMClient(clientOptions(keys)).send(new ListUsersCommand({}))
    await expect(assume(await sessionOf('federated'), role)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: 'Cannot call AssumeRole with session credentials',
    })
  })

  it('are recorded with when they were begun, and by whom', async () => {
    await stsOf(await sessionOf('federated')).send(new GetCallerIdentityCommand({}))
    const record = (await auditLog(server, 'global'))
      .split('\n')
      .findLast((line) => line.includes('"GetCallerIdentity"'))
    expect(JSON.parse(record ?? '')).toMatchObject({
      userIdentity: {
        type: 'FederatedUser',
        sessionContext: { sessionIssuer: { type: 'IAMUser' }, attributes: { mfaAuthenticated: 'false' } },
      },
    })
  })
})

function tags(...keys: readonly string[]) {
  return keys.map((Key) => ({ Key, Value: 'x' }))
}
