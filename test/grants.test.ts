import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteRoleCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam'
import {
  CreateGrantCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  KMSClient,
  ListGrantsCommand,
  ListRetirableGrantsCommand,
  ReEncryptCommand,
  ReplicateKeyCommand,
  RetireGrantCommand,
  RevokeGrantCommand,
  ScheduleKeyDeletionCommand,
  type CreateGrantCommandInput,
} from '@aws-sdk/client-kms'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditLog } from './audit-log.ts'
import { kmsClient, refusalOf, untilState } from './clients/kms-client.ts'
import { advanceClock, createAccount } from './control.ts'
import { AWAY, HOME, startTestServer, type TestServer } from './server.ts'
import { send, signRequest } from './signed-request.ts'

const OWNER = '111122223333'
const GUEST = '444455556666'
const THIRD = '777788889999'
const root = (account: string) => `arn:aws:iam::${account}:root`

let server: TestServer
let owner: KMSClient
let guest: KMSClient
let third: KMSClient
let iam: IAMClient

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  await createAccount(server, GUEST)
  await createAccount(server, THIRD)
  owner = await kmsClient(server, HOME)
  guest = await kmsClient(server, HOME, GUEST)
  third = await kmsClient(server, HOME, THIRD)
  iam = new IAMClient({ region: HOME, endpoint: server.url, credentials: await server.credentials() })
})
afterAll(() => server[Symbol.asyncDispose]())

const denied = { name: 'AccessDeniedException', status: 400 }
const nowhere = '0'.repeat(64)

async function createKey(Policy?: string) {
  const { KeyMetadata } = await owner.send(new CreateKeyCommand(Policy === undefined ? {} : { Policy }))
  return { id: KeyMetadata?.KeyId ?? '', arn: KeyMetadata?.Arn ?? '' }
}

type Wish = Omit<CreateGrantCommandInput, 'KeyId' | 'Operations'> & Pick<Partial<CreateGrantCommandInput>, 'Operations'>
async function grant(KeyId: string, wish: Wish = {}, client = owner) {
  const input = { KeyId, GranteePrincipal: root(GUEST), Operations: ['Encrypt' as const], ...wish }
  const { GrantId = '', GrantToken = '' } = await client.send(new CreateGrantCommand(input))
  return { id: GrantId, token: GrantToken }
}

const encrypt = (client: KMSClient, KeyId: string, EncryptionContext: Record<string, string> = {}, more: object = {}) =>
  client.send(new EncryptCommand({ KeyId, EncryptionContext, Plaintext: Buffer.from('text'), ...more }))
const grantsOn = async (KeyId: string, client = owner) =>
  (await client.send(new ListGrantsCommand({ KeyId }))).Grants ?? []

async function createUser(statement?: object) {
  const UserName = `user-${randomUUID()}`
  const { User } = await iam.send(new CreateUserCommand({ UserName }))
  if (statement !== undefined) {
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [{ Resource: '*', ...statement }] })
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'inline', PolicyDocument }))
  }
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
  const credentials = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' }
  const kms = new KMSClient({ region: HOME, endpoint: server.url, credentials, maxAttempts: 1 })
  return { arn: User?.Arn ?? '', id: User?.UserId ?? '', credentials, kms }
}

async function createRole(trusted: string) {
  const RoleName = `role-${randomUUID()}`
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: trusted }, Action: 'sts:AssumeRole' }],
  })
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }))
  return { name: RoleName, arn: Role?.Arn ?? '', id: Role?.RoleId ?? '' }
}

describe('A grant', () => {
  it('lets another account do what it names from the answer on, and nothing else', async () => {
    const { arn } = await createKey()
    expect(await refusalOf(encrypt(guest, arn))).toMatchObject(denied)
    await grant(arn, { Operations: ['Encrypt', 'DescribeKey'] })
    const { CiphertextBlob } = await encrypt(guest, arn)
    await guest.send(new DescribeKeyCommand({ KeyId: arn }))
    expect(await refusalOf(guest.send(new DecryptCommand({ CiphertextBlob })))).toMatchObject(denied)
    expect(await refusalOf(encrypt(third, arn))).toMatchObject(denied)
  })

  it('holds for both halves of ReEncrypt by themselves', async () => {
    const [from, to] = [await createKey(), await createKey()]
    const { CiphertextBlob } = await encrypt(owner, from.id)
    const move = () => guest.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: to.arn }))
    await grant(from.arn, { Operations: ['ReEncryptFrom'] })
    expect(await refusalOf(move())).toMatchObject(denied)
    await grant(to.arn, { Operations: ['ReEncryptTo'] })
    expect(await move()).toMatchObject({ SourceKeyId: from.arn, KeyId: to.arn })
  })

  it('does not outweigh a deny', async () => {
    const statement = (Effect: string, Action: string, account: string) => ({
      Effect,
      Action,
      Principal: { AWS: root(account) },
      Resource: '*',
    })
    const Statement = [statement('Allow', 'kms:*', OWNER), statement('Deny', 'kms:Encrypt', GUEST)]
    const { arn } = await createKey(JSON.stringify({ Version: '2012-10-17', Statement }))
    await grant(arn, { Operations: ['Encrypt', 'DescribeKey'] })
    await guest.send(new DescribeKeyCommand({ KeyId: arn }))
    expect(await refusalOf(encrypt(guest, arn))).toMatchObject(denied)
  })

  it('with EncryptionContextEquals wants exactly that context', async () => {
    const { arn } = await createKey()
    await grant(arn, {
      Constraints: { EncryptionContextEquals: { team: 'a' } },
      Operations: ['Encrypt', 'DescribeKey'],
    })
    await encrypt(guest, arn, { team: 'a' })
    for (const context of [{}, { team: 'b' }, { team: 'a', more: 'x' }, { Team: 'a' }]) {
      expect(await refusalOf(encrypt(guest, arn, context))).toMatchObject(denied)
    }
    await guest.send(new DescribeKeyCommand({ KeyId: arn }))
  })

  it('with EncryptionContextSubset wants that context or more', async () => {
    const { arn } = await createKey()
    await grant(arn, {
      Constraints: { EncryptionContextSubset: { team: 'a' } },
      Operations: ['Encrypt', 'GenerateDataKey', 'Decrypt'],
    })
    const { CiphertextBlob } = await encrypt(guest, arn, { team: 'a', more: 'x' })
    await guest.send(new GenerateDataKeyCommand({ KeyId: arn, KeySpec: 'AES_256', EncryptionContext: { team: 'a' } }))
    await guest.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { more: 'x', team: 'a' } }))
    for (const context of [{}, { team: 'b' }, { more: 'x' }]) {
      expect(await refusalOf(encrypt(guest, arn, context))).toMatchObject(denied)
    }
  })

  it('is its Region’s own', async () => {
    const { KeyMetadata } = await owner.send(new CreateKeyCommand({ MultiRegion: true }))
    const [KeyId = '', arn = ''] = [KeyMetadata?.KeyId, KeyMetadata?.Arn]
    await owner.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
    const [ownerAway, guestAway] = [await kmsClient(server, AWAY), await kmsClient(server, AWAY, GUEST)]
    await untilState(ownerAway, KeyId, 'Enabled')
    const { id, token } = await grant(arn)
    await encrypt(guest, arn)
    const arnAway = arn.replace(HOME, AWAY)
    expect(await refusalOf(encrypt(guestAway, arnAway))).toMatchObject(denied)
    expect(await grantsOn(KeyId, ownerAway)).toEqual([])
    expect(await refusalOf(encrypt(ownerAway, KeyId, {}, { GrantTokens: [token] }))).toMatchObject({
      name: 'InvalidGrantTokenException',
    })
    expect(await refusalOf(ownerAway.send(new RevokeGrantCommand({ KeyId, GrantId: id })))).toMatchObject({
      name: 'NotFoundException',
    })
  })

  it('survives a restart', async () => {
    const { arn } = await createKey()
    const { token } = await grant(arn)
    await server.restart()
    owner = await kmsClient(server, HOME)
    guest = await kmsClient(server, HOME, GUEST)
    third = await kmsClient(server, HOME, THIRD)
    iam = new IAMClient({ region: HOME, endpoint: server.url, credentials: await server.credentials() })
    await encrypt(guest, arn, {}, { GrantTokens: [token] })
  })
})

describe('A grant within the account', () => {
  it('lets a user and a role use a key that their policies say nothing of', async () => {
    const { arn } = await createKey()
    const user = await createUser()
    const role = await createRole(user.arn)
    await grant(arn, { GranteePrincipal: user.arn })
    await encrypt(user.kms, arn)
    const sts = new STSClient({ region: HOME, endpoint: server.url, credentials: user.credentials })
    const assumed = await sts.send(new AssumeRoleCommand({ RoleArn: role.arn, RoleSessionName: 'session' }))
    const credentials = {
      accessKeyId: assumed.Credentials?.AccessKeyId ?? '',
      secretAccessKey: assumed.Credentials?.SecretAccessKey ?? '',
      sessionToken: assumed.Credentials?.SessionToken ?? '',
    }
    const session = new KMSClient({ region: HOME, endpoint: server.url, credentials, maxAttempts: 1 })
    expect(await refusalOf(encrypt(session, arn))).toMatchObject(denied)
    const byRole = await grant(arn, { GranteePrincipal: role.arn })
    await encrypt(session, arn)
    await owner.send(new RevokeGrantCommand({ KeyId: arn, GrantId: byRole.id }))
    expect(await refusalOf(encrypt(session, arn))).toMatchObject(denied)
    await grant(arn, { GranteePrincipal: assumed.AssumedRoleUser?.Arn })
    await encrypt(session, arn)
  })

  it('stays with whom it was given to, and not with the name', async () => {
    const { arn } = await createKey()
    const role = await createRole(root(OWNER))
    await grant(arn, { GranteePrincipal: role.arn })
    expect(await grantsOn(arn)).toMatchObject([{ GranteePrincipal: role.arn }])
    await iam.send(new DeleteRoleCommand({ RoleName: role.name }))
    expect(await grantsOn(arn)).toMatchObject([{ GranteePrincipal: role.id }])
    const byId = owner.send(new ListGrantsCommand({ KeyId: arn, GranteePrincipal: role.id }))
    expect((await refusalOf(byId)).message).toBe('Input does not refer to a valid principal')
    expect(await refusalOf(grant(arn, { GranteePrincipal: role.arn }))).toEqual({
      name: 'InvalidArnException',
      message: `ARN does not refer to a valid principal: ${role.arn}`,
      status: 400,
    })
  })
})

describe('CreateGrant', () => {
  it('answers an id and a token', async () => {
    const { id } = await createKey()
    const { id: grantId, token } = await grant(id)
    expect(grantId).toMatch(/^[0-9a-f]{64}$/)
    expect(token.length).toBeLessThanOrEqual(8192)
  })

  it('gives the same grant and another token where name and all else are the same', async () => {
    const { id } = await createKey()
    const wish = { Name: 'n', Operations: ['Encrypt', 'Decrypt'] } satisfies Wish
    const first = await grant(id, wish)
    const again = await grant(id, { Name: 'n', Operations: ['Decrypt', 'Encrypt', 'Encrypt'] })
    expect(again.id).toBe(first.id)
    expect(again.token).not.toBe(first.token)
    for (const other of [
      { ...wish, Name: 'm' },
      { ...wish, RetiringPrincipal: root(THIRD) },
    ]) {
      expect((await grant(id, other)).id).not.toBe(first.id)
    }
    const unnamed = [await grant(id), await grant(id)]
    expect(unnamed[0]?.id).not.toBe(unnamed[1]?.id)
    expect(await grantsOn(id)).toHaveLength(5)
  })

  it.each<[string, Wish, string, string | RegExp]>([
    ['an operation of other keys', { Operations: ['Sign'] }, 'ValidationException', /Sign/],
    ['an operation that is none', { Operations: ['PutKeyPolicy' as 'Sign'] }, 'ValidationException', /enum value set/],
    [
      'CreateGrant alone, once or twice',
      { Operations: ['CreateGrant', 'CreateGrant'] },
      'ValidationException',
      /^Grants must not contain only the CreateGrant operation\.$/,
    ],
    ['no operation', { Operations: [] }, 'ValidationException', /Operations is empty/],
    [
      'both constraints',
      { Constraints: { EncryptionContextEquals: { a: '1' }, EncryptionContextSubset: { a: '1' } } },
      'ValidationException',
      /either/,
    ],
    [
      'a long value',
      { Constraints: { EncryptionContextEquals: { a: 'x'.repeat(385) } } },
      'ValidationException',
      /384 characters/,
    ],
    [
      'a constraint that it does not know',
      { Constraints: { SourceArn: `arn:aws:s3:us-east-1:${OWNER}:bucket` } },
      'ValidationException',
      'Not supported by this operation: constraints.sourceArn. Leave it out.',
    ],
    [
      'a service principal',
      { GranteeServicePrincipal: 'ec2.amazonaws.com' },
      'ValidationException',
      'Not supported by this operation: granteeServicePrincipal. Leave it out.',
    ],
    ['everyone', { GranteePrincipal: '*' }, 'ValidationException', /regular expression/],
    [
      'a name',
      { GranteePrincipal: 'bob' },
      'InvalidArnException',
      'GranteePrincipal does not refer to a valid principal.',
    ],
    [
      'a user who does not exist',
      { GranteePrincipal: `arn:aws:iam::${OWNER}:user/nobody` },
      'InvalidArnException',
      `ARN does not refer to a valid principal: arn:aws:iam::${OWNER}:user/nobody`,
    ],
    [
      'a session with a path',
      { RetiringPrincipal: `arn:aws:sts::${OWNER}:assumed-role/path/app/s` },
      'InvalidArnException',
      `ARN is not valid: arn:aws:sts::${OWNER}:assumed-role/path/app/s`,
    ],
    ['a token that is none', { GrantTokens: ['x'] }, 'InvalidGrantTokenException', /not valid/],
  ])('refuses %s', async (_what, wish, name, message) => {
    const { id } = await createKey()
    const refusal = await refusalOf(grant(id, wish))
    expect(refusal.name).toBe(name)
    expect(refusal.message).toMatch(message)
    expect(await grantsOn(id)).toEqual([])
  })

  it('refuses a key that cannot be used', async () => {
    const { id } = await createKey()
    await owner.send(new DisableKeyCommand({ KeyId: id }))
    expect(await refusalOf(grant(id))).toMatchObject({ name: 'DisabledException' })
    await owner.send(new ScheduleKeyDeletionCommand({ KeyId: id }))
    expect(await refusalOf(grant(id))).toMatchObject({ name: 'KMSInvalidStateException' })
  })

  it('keeps a constraint of any name', async () => {
    const { id, arn } = await createKey()
    const body = JSON.stringify({ KeyId: id, GranteePrincipal: root(GUEST), Operations: ['Encrypt'] }).replace(
      /}$/,
      ',"Constraints":{"EncryptionContextSubset":{"__proto__":"x"}}}',
    )
    const credentials = await server.credentials()
    const signed = await signRequest({ url: server.url, credentials, target: 'TrentService.CreateGrant', body })
    expect((await send(server.url, signed)).status).toBe(200)
    expect(await refusalOf(encrypt(guest, arn))).toMatchObject(denied)
  })

  it('is decided by what is to be given, and to whom', async () => {
    const Condition = {
      StringEquals: { 'kms:GranteePrincipal': root(GUEST), 'kms:GrantConstraintType': 'EncryptionContextSubset' },
      'ForAllValues:StringEquals': { 'kms:GrantOperations': ['Encrypt', 'Decrypt'] },
      Bool: { 'kms:GrantIsForAWSResource': 'false' },
      Null: { 'kms:RetiringPrincipal': 'true' },
    }
    const allow = (Action: string | readonly string[], more: object = {}) => ({
      Effect: 'Allow',
      Principal: { AWS: root(OWNER) },
      Action,
      Resource: '*',
      ...more,
    })
    const Statement = [allow(['kms:Put*', 'kms:List*']), allow('kms:CreateGrant', { Condition })]
    const { id } = await createKey(JSON.stringify({ Version: '2012-10-17', Statement }))
    const Constraints = { EncryptionContextSubset: { a: '1' } }
    await grant(id, { Constraints })
    for (const other of [
      {},
      { Constraints: { EncryptionContextEquals: { a: '1' } } },
      { Constraints, Operations: ['GenerateDataKey' as const] },
      { Constraints, GranteePrincipal: root(THIRD) },
      { Constraints, RetiringPrincipal: root(GUEST) },
    ]) {
      expect(await refusalOf(grant(id, other))).toMatchObject(denied)
    }
  })

  it('by means of a grant gives no more than that grant does', async () => {
    const { arn } = await createKey()
    const Constraints = { EncryptionContextSubset: { team: 'a' } }
    await grant(arn, { Operations: ['CreateGrant', 'Encrypt'], Constraints })
    await grant(arn, { Operations: ['Decrypt'] })
    const give = (wish: Wish) => grant(arn, { GranteePrincipal: root(THIRD), ...wish }, guest)
    for (const wish of [
      {},
      { Constraints: { EncryptionContextSubset: { team: 'b' } } },
      // Two grants are not added up.
      { Constraints, Operations: ['Encrypt' as const, 'Decrypt' as const] },
    ]) {
      expect(await refusalOf(give(wish))).toMatchObject(denied)
    }
    await give({ Constraints: { EncryptionContextSubset: { team: 'a', more: 'x' } } })
    await encrypt(third, arn, { team: 'a', more: 'x' })
    expect(await refusalOf(encrypt(third, arn, { team: 'a' }))).toMatchObject(denied)
    expect(await grantsOn(arn)).toContainEqual(expect.objectContaining({ IssuingAccount: root(GUEST) }))
  })
})

describe('Grant tokens', () => {
  it('are taken wherever they can be given, and must be of a grant that is', async () => {
    const { id, arn } = await createKey()
    const { CiphertextBlob } = await encrypt(owner, id)
    const { id: GrantId, token } = await grant(arn)
    const uses = (GrantTokens: string[]) => [
      () => encrypt(owner, id, {}, { GrantTokens }),
      () => owner.send(new DecryptCommand({ CiphertextBlob, GrantTokens })),
      () => owner.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: id, GrantTokens })),
      () => owner.send(new GenerateDataKeyCommand({ KeyId: id, KeySpec: 'AES_256', GrantTokens })),
      () => owner.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId: id, KeySpec: 'AES_256', GrantTokens })),
      () => owner.send(new DescribeKeyCommand({ KeyId: id, GrantTokens })),
      () => grant(id, { GrantTokens }),
    ]
    for (const use of uses([token])) await use()
    for (const use of uses([token, 'AQpAM2RhZTk1MGMyNTk2ZmZmMzEyYWVhOWViN2I1MWM4Mz'])) {
      expect(await refusalOf(use())).toMatchObject({ name: 'InvalidGrantTokenException', status: 400 })
    }
    await owner.send(new RevokeGrantCommand({ KeyId: id, GrantId }))
    for (const use of uses([token])) {
      expect(await refusalOf(use())).toMatchObject({ name: 'InvalidGrantTokenException' })
    }
  })

  it('give nothing to whoever is not the grantee', async () => {
    const { arn } = await createKey()
    const { token } = await grant(arn)
    expect(await refusalOf(encrypt(third, arn, {}, { GrantTokens: [token] }))).toMatchObject(denied)
  })
})

describe('RetireGrant', () => {
  it('ends a grant at once, by its token or its id', async () => {
    const { id, arn } = await createKey()
    const [one, other] = [await grant(arn), await grant(arn)]
    await owner.send(new RetireGrantCommand({ GrantToken: one.token }))
    await encrypt(guest, arn)
    await owner.send(new RetireGrantCommand({ KeyId: arn, GrantId: other.id }))
    expect(await refusalOf(encrypt(guest, arn))).toMatchObject(denied)
    expect(await grantsOn(id)).toEqual([])
    expect(await refusalOf(owner.send(new RetireGrantCommand({ GrantToken: one.token })))).toMatchObject({
      name: 'InvalidGrantTokenException',
    })
    expect(await refusalOf(owner.send(new RetireGrantCommand({ KeyId: arn, GrantId: other.id })))).toEqual({
      name: 'NotFoundException',
      message: `Grant ID ${other.id} is not found.`,
      status: 400,
    })
  })

  it('is for the retiring principal, and for the grantee only where the grant says so', async () => {
    const { arn } = await createKey()
    const { id: GrantId, token } = await grant(arn, { RetiringPrincipal: root(THIRD) })
    for (const named of [{ GrantToken: token }, { KeyId: arn, GrantId }]) {
      expect(await refusalOf(guest.send(new RetireGrantCommand(named)))).toMatchObject(denied)
    }
    await third.send(new RetireGrantCommand({ KeyId: arn, GrantId }))
    const own = await grant(arn, { Operations: ['Encrypt', 'RetireGrant'] })
    expect(await refusalOf(third.send(new RetireGrantCommand({ GrantToken: own.token })))).toMatchObject(denied)
    await guest.send(new RetireGrantCommand({ GrantToken: own.token }))
    expect(await grantsOn(arn)).toEqual([])
  })

  it('is for the account that issued it, and whatever the key policy says is no help to others', async () => {
    const allow = (account: string) => ({
      Effect: 'Allow',
      Principal: { AWS: root(account) },
      Action: 'kms:*',
      Resource: '*',
    })
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [allow(OWNER), allow(GUEST), allow(THIRD)] })
    const { arn } = await createKey(Policy)
    const { token } = await grant(arn, { GranteePrincipal: root(OWNER) }, guest)
    expect(await refusalOf(third.send(new RetireGrantCommand({ GrantToken: token })))).toMatchObject(denied)
    await guest.send(new RetireGrantCommand({ GrantToken: token }))
  })

  it('is for users of the key’s account by their own policies, which can also deny it to whom the grant names', async () => {
    const { id } = await createKey()
    const { token } = await grant(id)
    const plain = await createUser()
    expect(await refusalOf(plain.kms.send(new RetireGrantCommand({ GrantToken: token })))).toMatchObject(denied)
    const able = await createUser({ Effect: 'Allow', Action: 'kms:RetireGrant' })
    await able.kms.send(new RetireGrantCommand({ GrantToken: token }))
    const named = await createUser()
    const first = await grant(id, { RetiringPrincipal: named.arn })
    await named.kms.send(new RetireGrantCommand({ GrantToken: first.token }))
    const barred = await createUser({ Effect: 'Deny', Action: 'kms:RetireGrant' })
    const second = await grant(id, { RetiringPrincipal: barred.arn })
    expect(await refusalOf(barred.kms.send(new RetireGrantCommand({ GrantToken: second.token })))).toMatchObject(denied)
  })

  it('wants the grant to be named in one way', async () => {
    const { id, arn } = await createKey()
    const { id: GrantId, token } = await grant(id)
    for (const named of [{}, { KeyId: arn }, { GrantId }, { GrantToken: token, KeyId: arn, GrantId }]) {
      expect(await refusalOf(owner.send(new RetireGrantCommand(named)))).toMatchObject({ name: 'ValidationException' })
    }
    expect(await refusalOf(owner.send(new RetireGrantCommand({ KeyId: arn, GrantId: 'x' })))).toMatchObject({
      name: 'InvalidGrantIdException',
    })
  })

  it('tells another account nothing of which grants there are', async () => {
    const { arn } = await createKey()
    const { id: GrantId } = await grant(arn)
    const real = await refusalOf(third.send(new RetireGrantCommand({ KeyId: arn, GrantId })))
    const absent = await refusalOf(third.send(new RetireGrantCommand({ KeyId: arn, GrantId: nowhere })))
    expect(real).toEqual(absent)
    expect(real).toMatchObject(denied)
  })
})

describe('RevokeGrant', () => {
  it('ends a grant at once, in every state of the key', async () => {
    const { id, arn } = await createKey()
    const { id: GrantId } = await grant(arn, { Operations: ['DescribeKey'] })
    await owner.send(new ScheduleKeyDeletionCommand({ KeyId: id }))
    await guest.send(new DescribeKeyCommand({ KeyId: arn }))
    await owner.send(new RevokeGrantCommand({ KeyId: id, GrantId }))
    expect(await refusalOf(guest.send(new DescribeKeyCommand({ KeyId: arn })))).toMatchObject(denied)
    expect(await refusalOf(owner.send(new RevokeGrantCommand({ KeyId: id, GrantId })))).toMatchObject({
      name: 'NotFoundException',
    })
    expect(await refusalOf(owner.send(new RevokeGrantCommand({ KeyId: id, GrantId: 'x' })))).toMatchObject({
      name: 'InvalidGrantIdException',
    })
  })

  it('is for whom the key policy lets, not for the grantee', async () => {
    const { arn } = await createKey()
    const { id: GrantId } = await grant(arn, { Operations: ['Encrypt', 'RetireGrant'] })
    expect(await refusalOf(guest.send(new RevokeGrantCommand({ KeyId: arn, GrantId })))).toMatchObject(denied)
  })

  it('takes a grant from its own key only', async () => {
    const [key, other] = [await createKey(), await createKey()]
    const { id: GrantId } = await grant(key.id)
    expect(await refusalOf(owner.send(new RevokeGrantCommand({ KeyId: other.id, GrantId })))).toMatchObject({
      name: 'NotFoundException',
    })
    expect(await grantsOn(key.id)).toHaveLength(1)
  })
})

describe('ListGrants', () => {
  it('tells all of a grant but its token', async () => {
    const { id, arn } = await createKey()
    const Constraints = { EncryptionContextEquals: { a: '1' } }
    const plain = await grant(id)
    const full = await grant(id, { Name: 'n', RetiringPrincipal: root(THIRD), Constraints })
    const common = {
      KeyId: arn,
      GranteePrincipal: root(GUEST),
      IssuingAccount: root(OWNER),
      Operations: ['Encrypt'],
      CreationDate: expect.any(Date),
    }
    expect(await grantsOn(id)).toEqual(
      [
        { ...common, GrantId: plain.id, Name: '' },
        { ...common, GrantId: full.id, Name: 'n', RetiringPrincipal: root(THIRD), Constraints },
      ].toSorted((a, b) => (a.GrantId < b.GrantId ? -1 : 1)),
    )
  })

  it('finds one grant, or those to one principal', async () => {
    const { id: KeyId } = await createKey()
    const [first, second] = [await grant(KeyId), await grant(KeyId, { GranteePrincipal: root(THIRD) })]
    const idsOf = async (filter: object) =>
      (await owner.send(new ListGrantsCommand({ KeyId, ...filter }))).Grants?.map((each) => each.GrantId)
    expect(await idsOf({ GrantId: first.id })).toEqual([first.id])
    expect(await idsOf({ GranteePrincipal: root(THIRD) })).toEqual([second.id])
    expect(await idsOf({ GrantId: first.id, GranteePrincipal: root(THIRD) })).toEqual([])
    expect(await idsOf({ GrantId: nowhere })).toEqual([])
    expect(await refusalOf(idsOf({ GrantId: 'x' }))).toMatchObject({ name: 'InvalidGrantIdException' })
  })

  it('goes on page by page, each grant once', async () => {
    const { id: KeyId } = await createKey()
    for (let index = 0; index < 5; index += 1) await grant(KeyId)
    const seen: string[] = []
    let Marker: string | undefined
    do {
      const page = await owner.send(new ListGrantsCommand({ KeyId, Limit: 2, ...(Marker !== undefined && { Marker }) }))
      seen.push(...(page.Grants ?? []).map((each) => each.GrantId ?? ''))
      expect(page.Truncated).toBe(page.NextMarker !== undefined)
      Marker = page.NextMarker
    } while (Marker !== undefined)
    expect(seen).toHaveLength(5)
    expect(new Set(seen).size).toBe(5)
    const Wrong = Buffer.from('ListKeys\nx').toString('base64url')
    expect(await refusalOf(owner.send(new ListGrantsCommand({ KeyId, Marker: Wrong })))).toMatchObject({
      name: 'InvalidMarkerException',
    })
  })

  it('is not for a grantee', async () => {
    const { arn } = await createKey()
    await grant(arn)
    expect(await refusalOf(grantsOn(arn, guest))).toMatchObject(denied)
  })
})

describe('ListRetirableGrants', () => {
  it('lists what a principal of one’s own account may retire, on keys of any account', async () => {
    const [key, other] = [await createKey(), await createKey()]
    const RetiringPrincipal = root(GUEST)
    const mine = [await grant(key.id, { RetiringPrincipal }), await grant(other.id, { RetiringPrincipal })]
    await grant(key.id)
    const { Grants } = await guest.send(new ListRetirableGrantsCommand({ RetiringPrincipal }))
    expect(Grants?.map((each) => each.GrantId)).toEqual(mine.map(({ id }) => id).toSorted())
    expect(new Set(Grants?.map((each) => each.KeyId))).toEqual(new Set([key.arn, other.arn]))
    const first = await guest.send(new ListRetirableGrantsCommand({ RetiringPrincipal, Limit: 1 }))
    expect(first).toMatchObject({ Truncated: true })
    const second = await guest.send(
      new ListRetirableGrantsCommand({
        RetiringPrincipal,
        Limit: 1,
        ...(first.NextMarker && { Marker: first.NextMarker }),
      }),
    )
    expect([first, second].map((page) => page.Grants?.[0]?.GrantId)).toEqual(mine.map(({ id }) => id).toSorted())
    expect(second.Truncated).toBe(false)
  })

  it('is not for principals of other accounts', async () => {
    expect(await refusalOf(owner.send(new ListRetirableGrantsCommand({ RetiringPrincipal: root(GUEST) })))).toEqual({
      name: 'AccessDeniedException',
      message:
        `User: ${root(OWNER)} is not authorized to perform: kms:ListRetirableGrants on resource: ${root(GUEST)} ` +
        'because no resource-based policy allows the kms:ListRetirableGrants action',
      status: 400,
    })
    expect(await refusalOf(owner.send(new ListRetirableGrantsCommand({ RetiringPrincipal: 'bob' })))).toMatchObject({
      name: 'InvalidArnException',
    })
  })
})

describe('A dry run', () => {
  it('changes nothing, and says what would have been', async () => {
    const { id: KeyId, arn } = await createKey()
    const would = {
      name: 'DryRunOperationException',
      message: 'The request would have succeeded, but the DryRun option is set.',
      status: 400,
    }
    expect(await refusalOf(grant(KeyId, { DryRun: true }))).toEqual(would)
    expect(await grantsOn(KeyId)).toEqual([])
    const { id: GrantId, token: GrantToken } = await grant(arn)
    expect(await refusalOf(owner.send(new RetireGrantCommand({ GrantToken, DryRun: true })))).toEqual(would)
    expect(await refusalOf(owner.send(new RevokeGrantCommand({ KeyId, GrantId, DryRun: true })))).toEqual(would)
    await encrypt(guest, arn)
    expect(await refusalOf(guest.send(new RetireGrantCommand({ GrantToken, DryRun: true })))).toMatchObject(denied)
    const missing = new RevokeGrantCommand({ KeyId, GrantId: nowhere, DryRun: true })
    expect(await refusalOf(owner.send(missing))).toMatchObject({ name: 'NotFoundException' })
  })
})

describe('What is recorded of grants', () => {
  it('is in both accounts, and without a token', async () => {
    const { arn } = await createKey()
    const { id: GrantId, token } = await grant(arn, { RetiringPrincipal: root(THIRD) })
    await third.send(new RetireGrantCommand({ GrantToken: token }))
    const text = await auditLog(server, HOME)
    expect(text).not.toContain(token)
    const records = text
      .split('\n')
      .filter((line) => line.includes(GrantId))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(records.find((record) => record['eventName'] === 'CreateGrant')).toMatchObject({
      requestParameters: { keyId: arn, granteePrincipal: root(GUEST), operations: ['Encrypt'] },
      responseElements: { grantId: GrantId, keyId: arn },
    })
    const retired = records.filter((record) => record['eventName'] === 'RetireGrant')
    expect(retired.map((record) => record['recipientAccountId'])).toEqual([THIRD, OWNER])
  })
})

describe('A deleted key', () => {
  it('takes its grants along', async () => {
    const { id, arn } = await createKey()
    const RetiringPrincipal = root(THIRD)
    const { id: GrantId, token } = await grant(arn, { RetiringPrincipal })
    const listed = async () => (await third.send(new ListRetirableGrantsCommand({ RetiringPrincipal }))).Grants ?? []
    expect((await listed()).map((each) => each.GrantId)).toContain(GrantId)
    await owner.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 7 }))
    await advanceClock(server, '8d')
    expect((await listed()).map((each) => each.GrantId)).not.toContain(GrantId)
    expect(await refusalOf(third.send(new RetireGrantCommand({ GrantToken: token })))).toMatchObject({
      name: 'InvalidGrantTokenException',
    })
  })
})
