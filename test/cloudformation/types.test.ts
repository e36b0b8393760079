import type { KMSClient } from '@aws-sdk/client-kms'
import * as iam from '@aws-sdk/client-iam'
import * as kms from '@aws-sdk/client-kms'
import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WireError } from '../../src/kernel/errors.ts'
import { acceptProperties } from '../../src/services/cloudformation/template/accept-properties.ts'
import { compareProperties } from '../../src/services/cloudformation/template/drift.ts'
import { needsReplacement } from '../../src/services/cloudformation/template/plan.ts'
import type { Members } from '../../src/services/cloudformation/template/value.ts'
import { findType, RESOURCE_TYPES } from '../../src/services/cloudformation/types/index.ts'
import type { Answer, Hands, Made, ResourceRequest } from '../../src/services/cloudformation/types/resource-type.ts'
import { iamClient } from '../clients/iam-client.ts'
import { kmsClient } from '../clients/kms-client.ts'
import { deafen } from '../deafen.ts'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'

const ACCOUNT = '111122223333'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(async () => {
  for (const client of clients.values()) client.destroy()
  await server[Symbol.asyncDispose]()
})

/** What the hands were asked to change, and when they fail. */
interface Log {
  changes: string[]
  failAt: number
}

type Clients = Readonly<Record<string, new (input: never) => never>>

const clients = new Map<string, KMSClient>()

async function clientFor(service: 'kms' | 'iam', region: string): Promise<KMSClient> {
  const name = service === 'kms' ? region : service
  const client =
    clients.get(name) ?? ((service === 'kms' ? await kmsClient(server, region) : await iamClient(server)) as KMSClient)
  clients.set(name, client)
  return client
}

/** Hands that are AWS's own clients. They fail at one change, where that is asked for. */
async function hands(log: Log = { changes: [], failAt: Infinity }, region = AWAY): Promise<Hands> {
  const own: Hands = {
    account: ACCOUNT,
    region,
    async call(service, operation, input, where = region) {
      if (!/^(?:Get|List|Describe)/.test(operation)) {
        if (log.changes.length === log.failAt) throw new WireError('AccessDeniedException', 400, 'No more.')
        log.changes.push(operation)
      }
      const commands = (service === 'kms' ? kms : iam) as unknown as Clients
      const Command = commands[`${operation}Command`]
      if (Command === undefined) throw new Error(`There is no operation ${operation}.`)
      const client = await clientFor(service, where)
      try {
        const answer: unknown = await client.send(new Command(input as never))
        return JSON.parse(JSON.stringify(answer)) as Answer
      } catch (error) {
        if (error instanceof kms.KMSServiceException || error instanceof iam.IAMServiceException) {
          // IAM's codes on the wire are without what its client puts behind them.
          throw new WireError(service === 'kms' ? error.name : error.name.replace(/Exception$/, ''), 400, error.message)
        }
        throw error
      }
    },
    async make(service, operation, input, idOf, where) {
      const answer = await own.call(service, operation, input, where)
      idOf(answer)
      return answer
    },
    async wait(what, isThere) {
      for (let turn = 0; turn < 200; turn += 1) {
        if (await isThere()) return
        await setTimeout(50)
      }
      throw new Error(what)
    },
  }
  return own
}

function requestFor(type: string, properties: Members, stackTags: ResourceRequest['stackTags'] = []): ResourceRequest {
  const found = findType(type)
  if (found === undefined) throw new Error(`There is no type ${type}.`)
  const request = {
    stackId: `arn:aws:cloudformation:${AWAY}:${ACCOUNT}:stack/shop/1`,
    stackName: 'shop',
    logicalId: 'It',
    properties: acceptProperties(found, 'It', properties),
    stackTags,
  }
  return { ...request, name: found.nameFor(request, randomBytes) }
}

const allow = (action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }],
})
const trust = (service: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
})
const keyPolicy = (sid: string) => ({
  Version: '2012-10-17',
  Statement: [
    { Sid: sid, Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' },
  ],
})
const VIEW = 'arn:aws:iam::aws:policy/AWSKeyManagementServicePowerUser'
const ADMIN = 'arn:aws:iam::aws:policy/AdministratorAccess'

/** What makes others: things that a type needs to be there. */
async function make(type: string, properties: Members, region = AWAY): Promise<Made> {
  const found = findType(type)
  if (found === undefined) throw new Error(`There is no type ${type}.`)
  return found.create(await hands(undefined, region), requestFor(type, properties))
}

/** Of each type, properties to be made with and properties to be changed to. */
const LIVES: readonly (readonly [string, () => Promise<readonly [Members, Members]>])[] = [
  [
    'AWS::KMS::Key',
    async () => [
      {
        KeyPolicy: keyPolicy('a'),
        EnableKeyRotation: true,
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '2' },
        ],
      },
      {
        KeyPolicy: keyPolicy('b'),
        Description: 'now',
        EnableKeyRotation: false,
        Enabled: false,
        Tags: [
          { Key: 'a', Value: '3' },
          { Key: 'c', Value: '2' },
        ],
      },
    ],
  ],
  [
    'AWS::KMS::Key',
    async () => [
      { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY', Enabled: false, MultiRegion: true },
      { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY', MultiRegion: 'true', KeyPolicy: keyPolicy('c') },
    ],
  ],
  ['AWS::KMS::Key', async () => [{ Enabled: false }, { EnableKeyRotation: true }]],
  ['AWS::KMS::Key', async () => [{ EnableKeyRotation: true, Enabled: false }, { EnableKeyRotation: false }]],
  [
    'AWS::KMS::ReplicaKey',
    async () => {
      const primary = await make('AWS::KMS::Key', { MultiRegion: true }, HOME)
      const PrimaryKeyArn = primary.attributes.Arn ?? ''
      return [
        { PrimaryKeyArn, KeyPolicy: keyPolicy('a'), Tags: [{ Key: 'a', Value: '1' }] },
        { PrimaryKeyArn, KeyPolicy: JSON.stringify(keyPolicy('b')), Description: 'far', Enabled: false },
      ]
    },
  ],
  [
    'AWS::KMS::Alias',
    async () => {
      const [a, b] = [await make('AWS::KMS::Key', {}), await make('AWS::KMS::Key', {})]
      return [
        { AliasName: 'alias/it', TargetKeyId: a.physicalId },
        { AliasName: 'alias/it', TargetKeyId: b.attributes.Arn ?? '' },
      ]
    },
  ],
  [
    'AWS::IAM::Role',
    async () => [
      {
        AssumeRolePolicyDocument: trust('ec2.amazonaws.com'),
        Policies: [
          { PolicyName: 'one', PolicyDocument: allow('kms:List*') },
          { PolicyName: 'two', PolicyDocument: allow('kms:Get*') },
        ],
        ManagedPolicyArns: [VIEW],
        Tags: [{ Key: 'a', Value: '1' }],
        Path: '/app/',
      },
      {
        AssumeRolePolicyDocument: trust('lambda.amazonaws.com'),
        Policies: [
          { PolicyName: 'two', PolicyDocument: allow('kms:Describe*') },
          { PolicyName: 'three', PolicyDocument: allow('*') },
        ],
        ManagedPolicyArns: [ADMIN],
        MaxSessionDuration: '7200',
        Description: 'works',
        PermissionsBoundary: ADMIN,
        Path: '/app/',
      },
    ],
  ],
  [
    'AWS::IAM::User',
    async () => {
      const [a, b] = [await make('AWS::IAM::Group', {}), await make('AWS::IAM::Group', {})]
      return [
        { Groups: [a.physicalId], ManagedPolicyArns: [VIEW], PermissionsBoundary: ADMIN },
        {
          Groups: [b.physicalId],
          Path: '/there/',
          Policies: [{ PolicyName: 'one', PolicyDocument: allow('*') }],
          Tags: [{ Key: 'x', Value: 'y' }],
        },
      ]
    },
  ],
  [
    'AWS::IAM::Group',
    async () => [
      { ManagedPolicyArns: [VIEW], Policies: [{ PolicyName: 'one', PolicyDocument: allow('kms:*') }] },
      { Path: '/there/', ManagedPolicyArns: [ADMIN, VIEW] },
    ],
  ],
  [
    'AWS::IAM::ManagedPolicy',
    async () => {
      const role = await make('AWS::IAM::Role', { AssumeRolePolicyDocument: trust('ec2.amazonaws.com') })
      const user = await make('AWS::IAM::User', {})
      const group = await make('AWS::IAM::Group', {})
      return [
        { PolicyDocument: allow('kms:List*'), Roles: [role.physicalId], Users: [user.physicalId], Description: 'it' },
        { PolicyDocument: allow('kms:Get*'), Groups: [group.physicalId], Users: [user.physicalId], Description: 'it' },
      ]
    },
  ],
  [
    'AWS::IAM::Policy',
    async () => {
      const role = await make('AWS::IAM::Role', { AssumeRolePolicyDocument: trust('ec2.amazonaws.com') })
      const user = await make('AWS::IAM::User', {})
      return [
        { PolicyName: 'one', PolicyDocument: allow('kms:List*'), Roles: [role.physicalId], Users: [user.physicalId] },
        { PolicyName: 'two', PolicyDocument: allow('kms:List*'), Users: [user.physicalId] },
      ]
    },
  ],
  [
    'AWS::IAM::RolePolicy',
    async () => {
      const role = await make('AWS::IAM::Role', { AssumeRolePolicyDocument: trust('ec2.amazonaws.com') })
      const both = { PolicyName: 'one', RoleName: role.physicalId }
      return [
        { ...both, PolicyDocument: allow('kms:List*') },
        { ...both, PolicyDocument: allow('kms:Get*') },
      ]
    },
  ],
  [
    'AWS::IAM::UserPolicy',
    async () => {
      const both = { PolicyName: 'one', UserName: (await make('AWS::IAM::User', {})).physicalId }
      return [
        { ...both, PolicyDocument: allow('kms:List*') },
        { ...both, PolicyDocument: allow('kms:Get*') },
      ]
    },
  ],
  [
    'AWS::IAM::GroupPolicy',
    async () => {
      const both = { PolicyName: 'one', GroupName: (await make('AWS::IAM::Group', {})).physicalId }
      return [
        { ...both, PolicyDocument: allow('kms:List*') },
        { ...both, PolicyDocument: allow('kms:Get*') },
      ]
    },
  ],
  [
    'AWS::IAM::UserToGroupAddition',
    async () => {
      const [a, b] = [await make('AWS::IAM::Group', {}), await make('AWS::IAM::Group', {})]
      const [one, two] = [await make('AWS::IAM::User', {}), await make('AWS::IAM::User', {})]
      return [
        { GroupName: a.physicalId, Users: [one.physicalId] },
        { GroupName: b.physicalId, Users: [one.physicalId, two.physicalId] },
      ]
    },
  ],
  [
    'AWS::IAM::AccessKey',
    async () => {
      const { physicalId: UserName } = await make('AWS::IAM::User', {})
      return [
        { UserName, Status: 'Inactive' },
        { UserName, Status: 'Active' },
      ]
    },
  ],
  [
    'AWS::IAM::ServiceLinkedRole',
    async () => {
      const same = { AWSServiceName: 'autoscaling.amazonaws.com', CustomSuffix: 'it' }
      return [
        { ...same, Description: 'one' },
        { ...same, Description: 'two' },
      ]
    },
  ],
  ['AWS::CDK::Metadata', async () => [{ Analytics: 'v2:a' }, { Analytics: 'v2:b' }]],
]

describe('Every resource type', () => {
  it('has a life here', () => {
    expect(new Set(LIVES.map(([name]) => name))).toEqual(new Set(RESOURCE_TYPES.keys()))
  })

  it.each(LIVES)('%s is made, read, changed, put back from any point of that, and deleted', async (name, lives) => {
    const type = findType(name)
    if (type === undefined) throw new Error(`There is no type ${name}.`)
    const [first, second] = await lives()
    const before = requestFor(name, first)
    const after = { ...requestFor(name, second), name: before.name }
    expect(needsReplacement(type, before.properties, after.properties)).toBe(false)
    const own = await hands()
    const drift = async ({ properties }: ResourceRequest, id: string) =>
      compareProperties(type, properties, (await type.read(own, { ...after, properties }, id)) ?? {})

    const { physicalId, attributes } = await type.create(own, before)
    expect(Object.keys(attributes).toSorted()).toEqual(type.attributes.toSorted())
    if (before.name !== null && !name.endsWith('ManagedPolicy')) expect(physicalId).toBe(before.name)
    expect(await drift(before, physicalId)).toEqual([])

    const whole: Log = { changes: [], failAt: Infinity }
    expect(await type.update(await hands(whole), after, physicalId, before)).toMatchObject({ physicalId })
    expect(await drift(after, physicalId)).toEqual([])
    if (name !== 'AWS::CDK::Metadata') expect(await drift(before, physicalId)).not.toEqual([])
    await type.update(own, before, physicalId, after)
    expect(await drift(before, physicalId)).toEqual([])
    for (let failAt = 0; failAt < whole.changes.length; failAt += 1) {
      const failing = type.update(await hands({ changes: [], failAt }), after, physicalId, before)
      await expect(failing).rejects.toThrow('No more.')
      await type.update(own, before, physicalId, after)
      expect(await drift(before, physicalId), `after ${whole.changes.slice(0, failAt + 1).join(', ')}`).toEqual([])
    }

    await type.delete(own, before, physicalId)
    if (name !== 'AWS::CDK::Metadata') expect(await type.read(own, before, physicalId)).toBeNull()
    await type.delete(own, before, physicalId)
  })
})

describe('Tags of the stack', () => {
  it('are put on what can have tags, behind its own, and are no drift', async () => {
    const type = findType('AWS::KMS::Key')
    const own = await hands()
    const stackTags = [
      { Key: 'team', Value: 'red' },
      { Key: 'env', Value: 'test' },
    ]
    const request = requestFor('AWS::KMS::Key', { Tags: [{ Key: 'env', Value: 'own' }] }, stackTags)
    const made = await type?.create(own, request)
    const tags = await own.call('kms', 'ListResourceTags', { KeyId: made?.physicalId })
    expect(tags.Tags).toEqual(
      expect.arrayContaining([
        { TagKey: 'team', TagValue: 'red' },
        { TagKey: 'env', TagValue: 'own' },
      ]),
    )
    expect((await type?.read(own, request, made?.physicalId ?? ''))?.Tags).toEqual([{ Key: 'env', Value: 'own' }])
    const after = { ...request, stackTags: [{ Key: 'team', Value: 'blue' }] }
    await type?.update(own, after, made?.physicalId ?? '', request)
    const now = await own.call('kms', 'ListResourceTags', { KeyId: made?.physicalId })
    expect(now.Tags).toEqual(
      expect.arrayContaining([
        { TagKey: 'team', TagValue: 'blue' },
        { TagKey: 'env', TagValue: 'own' },
      ]),
    )
  })
})

describe('A replica', () => {
  it('that is deleted before it has come is deleted when it comes', async () => {
    const type = findType('AWS::KMS::ReplicaKey')
    const primary = await make('AWS::KMS::Key', { MultiRegion: true }, HOME)
    const PrimaryKeyArn = primary.attributes.Arn ?? ''
    const request = requestFor('AWS::KMS::ReplicaKey', { PrimaryKeyArn, KeyPolicy: keyPolicy('a') })
    const own = await hands()
    const listen = deafen(server, AWAY, HOME)
    await own.call('kms', 'ReplicateKey', { KeyId: PrimaryKeyArn, ReplicaRegion: AWAY }, HOME)
    let isDeleted = false
    const deletion = type?.delete(own, request, primary.physicalId).then(() => (isDeleted = true))
    await setTimeout(300)
    expect(isDeleted).toBe(false)
    listen()
    await deletion
    const key = await own.call('kms', 'DescribeKey', { KeyId: primary.physicalId })
    expect(key.KeyMetadata).toMatchObject({ KeyState: 'PendingDeletion' })
  })

  it('that its primary does not know is gone', async () => {
    const type = findType('AWS::KMS::ReplicaKey')
    const primary = await make('AWS::KMS::Key', { MultiRegion: true }, HOME)
    const PrimaryKeyArn = primary.attributes.Arn ?? ''
    const request = requestFor('AWS::KMS::ReplicaKey', { PrimaryKeyArn, KeyPolicy: keyPolicy('a') })
    await type?.delete(await hands(), request, primary.physicalId)
  })
})

describe('A key', () => {
  it.each([
    ['KeySpec', { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }],
    ['MultiRegion', { MultiRegion: true }],
    ['Origin', { Origin: 'EXTERNAL' }],
  ])('refuses another %s, and stays as it was', async (property, properties) => {
    const type = findType('AWS::KMS::Key')
    const before = requestFor('AWS::KMS::Key', {})
    const log: Log = { changes: [], failAt: Infinity }
    const made = await type?.create(await hands(), before)
    const update = type?.update(
      await hands(log),
      requestFor('AWS::KMS::Key', properties),
      made?.physicalId ?? '',
      before,
    )
    await expect(update).rejects.toThrow(`You cannot change the ${property} property of an existing KMS key.`)
    expect(log.changes).toEqual([])
  })

  it('rotates as often as the template says, and as often as before where an update is put back', async () => {
    const type = findType('AWS::KMS::Key')
    const own = await hands()
    const before = requestFor('AWS::KMS::Key', { EnableKeyRotation: true })
    const after = requestFor('AWS::KMS::Key', { EnableKeyRotation: true, RotationPeriodInDays: 100 })
    const KeyId = (await type?.create(own, before))?.physicalId ?? ''
    await type?.update(own, after, KeyId, before)
    expect(await own.call('kms', 'GetKeyRotationStatus', { KeyId })).toMatchObject({ RotationPeriodInDays: 100 })
    await type?.update(own, before, KeyId, after)
    expect(await own.call('kms', 'GetKeyRotationStatus', { KeyId })).toMatchObject({ RotationPeriodInDays: 365 })
  })
})

describe('A managed policy', () => {
  it('takes any number of updates, and goes with all its versions', async () => {
    const type = findType('AWS::IAM::ManagedPolicy')
    const own = await hands()
    let before = requestFor('AWS::IAM::ManagedPolicy', { PolicyDocument: allow('kms:A0') })
    const arn = (await type?.create(own, before))?.physicalId ?? ''
    for (let turn = 1; turn < 9; turn += 1) {
      const after = requestFor('AWS::IAM::ManagedPolicy', { PolicyDocument: allow(`kms:A${turn}`) })
      await type?.update(own, after, arn, before)
      before = after
    }
    await type?.delete(own, before, arn)
    expect(await type?.read(own, before, arn)).toBeNull()
  })
})

describe('A name that is made up', () => {
  it.each([
    ['shop', 'Role', /^shop-Role-[A-Z0-9]{12}$/],
    ['s'.repeat(100), 'R'.repeat(100), /^s{25}-R{25}-[A-Z0-9]{12}$/],
    ['s'.repeat(100), 'Role', /^s{46}-Role-[A-Z0-9]{12}$/],
    ['shop', 'R'.repeat(100), /^shop-R{46}-[A-Z0-9]{12}$/],
  ])('is of the stack %s and the resource %s', (stackName, logicalId, form) => {
    const type = findType('AWS::IAM::Role')
    const request = { ...requestFor('AWS::IAM::Role', { AssumeRolePolicyDocument: {} }), stackName, logicalId }
    expect(type?.nameFor(request, randomBytes)).toMatch(form)
  })
})
