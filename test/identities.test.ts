import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  KMSClient,
  PutKeyPolicyCommand,
  ReplicateKeyCommand,
} from '@aws-sdk/client-kms'
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  GetRoleCommand,
  IAMClient,
  ListRolesCommand,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam'
import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  STSClient,
  type Credentials,
} from '@aws-sdk/client-sts'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kmsClient, refusalOf, untilState } from './clients/kms-client.ts'
import { advanceClock, askInspector, createAccount } from './control.ts'
import { AWAY, HOME, startTestServer, type TestServer } from './server.ts'

const OWNER = '111122223333'
const GUEST = '444455556666'

interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

let server: TestServer
let root: KMSClient
let iam: IAMClient

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  await createAccount(server, GUEST)
  root = await kmsClient(server, HOME)
  iam = new IAMClient({ region: HOME, endpoint: server.url, credentials: await server.credentials() })
})
afterAll(() => server[Symbol.asyncDispose]())

const clientOf = (credentials: Keys, region = HOME) =>
  new KMSClient({ region, endpoint: server.url, credentials, maxAttempts: 1 })
const stsOf = (credentials: Keys) => new STSClient({ region: HOME, endpoint: server.url, credentials, maxAttempts: 1 })

const keysOf = (credentials: Credentials | undefined): Keys => ({
  accessKeyId: credentials?.AccessKeyId ?? '',
  secretAccessKey: credentials?.SecretAccessKey ?? '',
  sessionToken: credentials?.SessionToken ?? '',
})

const document = (...statements: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements })
const allow = (Action: string | readonly string[], Resource: string | readonly string[] = '*', more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
})
const byAccount = allow('kms:*', '*', { Principal: { AWS: `arn:aws:iam::${OWNER}:root` } })

async function createUser(...statements: readonly object[]) {
  const UserName = `user-${randomUUID()}`
  const { User } = await iam.send(new CreateUserCommand({ UserName }))
  if (statements.length > 0) {
    await iam.send(
      new PutUserPolicyCommand({ UserName, PolicyName: 'inline', PolicyDocument: document(...statements) }),
    )
  }
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
  const keys = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' }
  return { name: UserName, arn: User?.Arn ?? '', keys, kms: clientOf(keys) }
}

async function createRole(principal: string, ...statements: readonly object[]) {
  const RoleName = `role-${randomUUID()}`
  const AssumeRolePolicyDocument = document({
    Effect: 'Allow',
    Principal: { AWS: principal },
    Action: 'sts:AssumeRole',
  })
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }))
  if (statements.length > 0) {
    await iam.send(
      new PutRolePolicyCommand({ RoleName, PolicyName: 'inline', PolicyDocument: document(...statements) }),
    )
  }
  return { name: RoleName, arn: Role?.Arn ?? '' }
}

async function assume(keys: Keys, RoleArn: string, Policy?: string): Promise<Keys> {
  const { Credentials: given } = await stsOf(keys).send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session', ...(Policy !== undefined && { Policy }) }),
  )
  return keysOf(given)
}

async function createKey(...statements: readonly object[]) {
  const Policy = statements.length === 0 ? {} : { Policy: document(...statements) }
  const { KeyMetadata } = await root.send(new CreateKeyCommand({ ...Policy, BypassPolicyLockoutSafetyCheck: true }))
  return { id: KeyMetadata?.KeyId ?? '', arn: KeyMetadata?.Arn ?? '' }
}

const encrypt = (kms: KMSClient, KeyId: string, EncryptionContext: Record<string, string> = {}) =>
  kms.send(new EncryptCommand({ KeyId, EncryptionContext, Plaintext: Buffer.from('text') }))

const refused = (arn: string, action: string, resource: string, why: string) => ({
  name: 'AccessDeniedException',
  message: `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} ${why}`,
  status: 400,
})

describe('A user', () => {
  it('has what its policies allow, where the key policy leaves that to the account', async () => {
    const key = await createKey()
    const user = await createUser(allow('kms:Encrypt', key.arn))
    await encrypt(user.kms, key.id)
    expect(await refusalOf(user.kms.send(new DescribeKeyCommand({ KeyId: key.id })))).toEqual(
      refused(
        user.arn,
        'kms:DescribeKey',
        key.arn,
        'because no identity-based policy allows the kms:DescribeKey action',
      ),
    )
  })

  it('has nothing where the key policy does not leave it to the account, whatever its policies allow', async () => {
    const key = await createKey(allow('kms:*', '*', { Principal: { AWS: GUEST } }))
    const administrator = await createUser(allow('*'))
    expect(await refusalOf(encrypt(administrator.kms, key.id))).toEqual(
      refused(
        administrator.arn,
        'kms:Encrypt',
        key.arn,
        'because no resource-based policy allows the kms:Encrypt action',
      ),
    )
  })

  it('needs no policy of its own where the key policy names it', async () => {
    const user = await createUser()
    const key = await createKey(byAccount, allow('kms:Encrypt', '*', { Principal: { AWS: user.arn } }))
    await encrypt(user.kms, key.id)
  })

  it('is denied by its own policies whatever the key policy says', async () => {
    const user = await createUser({ Effect: 'Deny', Action: 'kms:Encrypt', Resource: '*' })
    const key = await createKey(byAccount, allow('kms:Encrypt', '*', { Principal: { AWS: user.arn } }))
    expect(await refusalOf(encrypt(user.kms, key.id))).toEqual(
      refused(user.arn, 'kms:Encrypt', key.arn, 'with an explicit deny in an identity-based policy'),
    )
  })

  it('goes no further than its boundary', async () => {
    const { Policy } = await iam.send(
      new CreatePolicyCommand({
        PolicyName: `boundary-${randomUUID()}`,
        PolicyDocument: document(allow('kms:Describe*')),
      }),
    )
    const user = await createUser(allow('kms:*'))
    await iam.send(
      new PutUserPermissionsBoundaryCommand({ UserName: user.name, PermissionsBoundary: Policy?.Arn ?? '' }),
    )
    const key = await createKey()
    await user.kms.send(new DescribeKeyCommand({ KeyId: key.id }))
    expect(await refusalOf(encrypt(user.kms, key.id))).toEqual(
      refused(user.arn, 'kms:Encrypt', key.arn, 'because no permissions boundary allows the kms:Encrypt action'),
    )
  })

  it('has managed policies too, by the version that counts', async () => {
    const key = await createKey()
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: `use-${randomUUID()}`, PolicyDocument: document(allow('kms:Encrypt')) }),
    )
    const user = await createUser()
    expect((await refusalOf(encrypt(user.kms, key.id))).name).toBe('AccessDeniedException')
    await iam.send(new AttachUserPolicyCommand({ UserName: user.name, PolicyArn: Policy?.Arn ?? '' }))
    await encrypt(user.kms, key.id)
  })

  it('is nobody with a key that is not active', async () => {
    const user = await createUser(allow('kms:ListKeys'))
    await iam.send(
      new UpdateAccessKeyCommand({ UserName: user.name, AccessKeyId: user.keys.accessKeyId, Status: 'Inactive' }),
    )
    expect(await refusalOf(encrypt(user.kms, 'alias/any'))).toMatchObject({ name: 'UnrecognizedClientException' })
  })

  it('needs a permission on the alias and on the key to name it', async () => {
    const key = await createKey()
    const alias = `arn:aws:kms:${HOME}:${OWNER}:alias/named`
    const onKey = await createUser(allow('kms:CreateAlias', key.arn))
    const create = new CreateAliasCommand({ AliasName: 'alias/named', TargetKeyId: key.id })
    expect(await refusalOf(onKey.kms.send(create))).toEqual(
      refused(
        onKey.arn,
        'kms:CreateAlias',
        alias,
        'because no identity-based policy allows the kms:CreateAlias action',
      ),
    )
    const onBoth = await createUser(allow('kms:CreateAlias', [key.arn, alias]))
    await onBoth.kms.send(create)
  })

  it('needs leave to tag what it creates', async () => {
    const user = await createUser(allow('kms:CreateKey'))
    const Tags = [{ TagKey: 'a', TagValue: 'b' }]
    expect(await refusalOf(user.kms.send(new CreateKeyCommand({ Tags })))).toMatchObject({
      message:
        `User: ${user.arn} is not authorized to perform: kms:TagResource ` +
        'because no identity-based policy allows the kms:TagResource action',
    })
  })

  it('is asked in both Regions to replicate a key', async () => {
    const { KeyMetadata } = await root.send(new CreateKeyCommand({ MultiRegion: true }))
    const KeyId = KeyMetadata?.KeyId ?? ''
    const inHome = { Condition: { StringEquals: { 'aws:RequestedRegion': HOME } } }
    const user = await createUser(allow('kms:ReplicateKey'), allow('kms:CreateKey', '*', inHome))
    const replicate = (kms: KMSClient) => kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
    expect(await refusalOf(replicate(user.kms))).toEqual(
      refused(user.arn, 'kms:CreateKey', '*', 'because no identity-based policy allows the kms:CreateKey action'),
    )
    const inAway = { Condition: { StringEquals: { 'aws:RequestedRegion': AWAY, 'kms:MultiRegionKeyType': 'REPLICA' } } }
    const other = await createUser(allow('kms:ReplicateKey'), allow('kms:CreateKey', '*', inAway))
    await replicate(other.kms)
    await untilState(await kmsClient(server, AWAY), KeyId, 'Enabled')
  })

  it('can be told apart by its tags and the key’s', async () => {
    const { KeyMetadata } = await root.send(new CreateKeyCommand({ Tags: [{ TagKey: 'team', TagValue: 'payments' }] }))
    const Condition = { StringEquals: { 'aws:ResourceTag/team': 'payments' } }
    const user = await createUser(allow('kms:Encrypt', '*', { Condition }))
    await encrypt(user.kms, KeyMetadata?.KeyId ?? '')
    const other = await createKey()
    expect((await refusalOf(encrypt(user.kms, other.id))).name).toBe('AccessDeniedException')
  })
})

describe('A role', () => {
  it('is taken on by whom its trust policy names, and has its own permissions only', async () => {
    const key = await createKey()
    const user = await createUser(allow('sts:AssumeRole'))
    const role = await createRole(`arn:aws:iam::${OWNER}:root`, allow('kms:Encrypt'))
    const session = await assume(user.keys, role.arn)
    await encrypt(clientOf(session), key.id)
    const identity = await stsOf(session).send(new GetCallerIdentityCommand({}))
    expect(identity.Arn).toBe(`arn:aws:sts::${OWNER}:assumed-role/${role.name}/session`)
    expect((await refusalOf(encrypt(user.kms, key.id))).name).toBe('AccessDeniedException')
    expect(await refusalOf(clientOf(session).send(new DescribeKeyCommand({ KeyId: key.id })))).toMatchObject({
      message: expect.stringContaining(
        `assumed-role/${role.name}/session is not authorized to perform: kms:DescribeKey`,
      ),
    })
  })

  it('is not taken on by others', async () => {
    const user = await createUser()
    const role = await createRole(`arn:aws:iam::${OWNER}:root`)
    await expect(assume(user.keys, role.arn)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining(`not authorized to perform: sts:AssumeRole on resource: ${role.arn}`),
    })
  })

  it('is limited by the policy that its session is begun with', async () => {
    const key = await createKey()
    const user = await createUser(allow('sts:AssumeRole'))
    const role = await createRole(user.arn, allow('kms:*'))
    const session = clientOf(await assume(user.keys, role.arn, document(allow('kms:Encrypt'))))
    await encrypt(session, key.id)
    expect((await refusalOf(session.send(new DescribeKeyCommand({ KeyId: key.id })))).message).toContain(
      'because no session policy allows the kms:DescribeKey action',
    )
  })

  it('does not regain access when it is made again under its name', async () => {
    const user = await createUser(allow('sts:AssumeRole'))
    const role = await createRole(user.arn)
    const key = await createKey(byAccount, allow('kms:Encrypt', '*', { Principal: { AWS: role.arn } }))
    await encrypt(clientOf(await assume(user.keys, role.arn)), key.id)
    const session = clientOf(await assume(user.keys, role.arn))
    await iam.send(new DeleteRoleCommand({ RoleName: role.name }))
    expect((await refusalOf(encrypt(session, key.id))).name).toBe('UnrecognizedClientException')
    const AssumeRolePolicyDocument = document({
      Effect: 'Allow',
      Principal: { AWS: user.arn },
      Action: 'sts:AssumeRole',
    })
    await iam.send(new CreateRoleCommand({ RoleName: role.name, AssumeRolePolicyDocument }))
    expect((await refusalOf(encrypt(clientOf(await assume(user.keys, role.arn)), key.id))).name).toBe(
      'AccessDeniedException',
    )
  })

  it('is shown by its unique id in policies that name it, once it is no more', async () => {
    const user = await createUser(allow('sts:AssumeRole'))
    const role = await createRole(user.arn)
    const session = `arn:aws:sts::${OWNER}:assumed-role/${role.name}/session`
    const trusting = await createRole(role.arn)
    const named = {
      Principal: { AWS: [role.arn, user.arn, session] },
      Condition: { ArnLike: { 'aws:PrincipalArn': role.arn } },
    }
    // With spaces and escapes, which stay as they are.
    const Policy = JSON.stringify(JSON.parse(document(byAccount, allow('kms:Encrypt', '*', named))), null, 2).replace(
      `"${role.arn}",`,
      `"${role.arn.replaceAll('/', '\\/')}" ,`,
    )
    const key = await createKey()
    await root.send(new PutKeyPolicyCommand({ KeyId: key.id, Policy }))
    const shown = async () => (await root.send(new GetKeyPolicyCommand({ KeyId: key.id }))).Policy
    const trust = async () => {
      const { Role } = await iam.send(new GetRoleCommand({ RoleName: trusting.name }))
      const { Roles = [] } = await iam.send(new ListRolesCommand({}))
      const listed = Roles.find(({ RoleName }) => RoleName === trusting.name)
      expect(listed?.AssumeRolePolicyDocument).toBe(Role?.AssumeRolePolicyDocument)
      return decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')
    }
    expect(await shown()).toBe(Policy)
    const { Role: first } = await iam.send(new GetRoleCommand({ RoleName: role.name }))
    const id = first?.RoleId ?? ''
    await iam.send(new DeleteRoleCommand({ RoleName: role.name }))
    const changed = Policy.replace(`"${role.arn.replaceAll('/', '\\/')}" ,`, `"${id}" ,`).replace(
      `"${session}"`,
      `"${id}:session"`,
    )
    const AssumeRolePolicyDocument = document({
      Effect: 'Allow',
      Principal: { AWS: user.arn },
      Action: 'sts:AssumeRole',
    })
    for (const again of [false, true]) {
      if (again) await iam.send(new CreateRoleCommand({ RoleName: role.name, AssumeRolePolicyDocument }))
      expect(await shown()).toBe(changed)
      expect(await trust()).toBe(document({ Effect: 'Allow', Principal: { AWS: id }, Action: 'sts:AssumeRole' }))
      // What is read back names somebody who is no more.
      const back = root.send(new PutKeyPolicyCommand({ KeyId: key.id, Policy: (await shown()) ?? '' }))
      expect((await refusalOf(back)).message).toContain(
        `invalid principals. There is no user, role or session ${id} now`,
      )
      const PolicyDocument = await trust()
      await expect(
        iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: trusting.name, PolicyDocument })),
      ).rejects.toMatchObject({ message: expect.stringContaining(`Invalid principal in policy: "AWS":"${id}"`) })
    }
    const renewed = await assume(user.keys, role.arn)
    expect((await refusalOf(encrypt(clientOf(renewed), key.id))).name).toBe('AccessDeniedException')
    await root.send(new PutKeyPolicyCommand({ KeyId: key.id, Policy }))
    expect(await shown()).toBe(Policy)
    await encrypt(clientOf(renewed), key.id)
  })

  it('does not trust a user that was made again under the name of one that it trusted', async () => {
    const UserName = `user-${randomUUID()}`
    const create = async (): Promise<Keys> => {
      await iam.send(new CreateUserCommand({ UserName }))
      const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
      return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' }
    }
    const keys = await create()
    const role = await createRole(`arn:aws:iam::${OWNER}:user/${UserName}`)
    await assume(keys, role.arn)
    await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId: keys.accessKeyId }))
    await iam.send(new DeleteUserCommand({ UserName }))
    await expect(assume(await create(), role.arn)).rejects.toMatchObject({ name: 'AccessDenied' })
  })

  it('loses with its policy what its sessions had, at once', async () => {
    const key = await createKey()
    const user = await createUser(allow('sts:AssumeRole'))
    const role = await createRole(user.arn, allow('kms:Encrypt'))
    const session = clientOf(await assume(user.keys, role.arn))
    await encrypt(session, key.id)
    await iam.send(new DeleteRolePolicyCommand({ RoleName: role.name, PolicyName: 'inline' }))
    expect((await refusalOf(encrypt(session, key.id))).name).toBe('AccessDeniedException')
  })

  it('of another account needs leave on both sides', async () => {
    const guestIam = new IAMClient({ region: HOME, endpoint: server.url, credentials: await server.credentials(GUEST) })
    const { User } = await guestIam.send(new CreateUserCommand({ UserName: 'guest' }))
    const { AccessKey } = await guestIam.send(new CreateAccessKeyCommand({ UserName: 'guest' }))
    const guest = clientOf({
      accessKeyId: AccessKey?.AccessKeyId ?? '',
      secretAccessKey: AccessKey?.SecretAccessKey ?? '',
    })
    const key = await createKey(byAccount, allow('kms:Encrypt', '*', { Principal: { AWS: User?.Arn } }))
    expect(await refusalOf(encrypt(guest, key.arn))).toMatchObject({
      message:
        `User: ${User?.Arn} is not authorized to perform: kms:Encrypt on this resource ` +
        'because no identity-based policy allows the kms:Encrypt action',
    })
    await guestIam.send(
      new PutUserPolicyCommand({
        UserName: 'guest',
        PolicyName: 'use',
        PolicyDocument: document(allow('kms:Encrypt', key.arn)),
      }),
    )
    await encrypt(guest, key.arn)
  })
})

describe('Sessions', () => {
  it('of a user are the user, with a token and an end', async () => {
    const key = await createKey()
    const user = await createUser(allow('kms:Encrypt'))
    const { Credentials: given } = await stsOf(user.keys).send(new GetSessionTokenCommand({ DurationSeconds: 900 }))
    const session = keysOf(given)
    await encrypt(clientOf(session), key.id)
    const { sessionToken: _token, ...withoutToken } = session
    expect((await refusalOf(encrypt(clientOf(withoutToken), key.id))).name).toBe('UnrecognizedClientException')
    const forged = { ...session, sessionToken: `${session.sessionToken}x` }
    expect((await refusalOf(encrypt(clientOf(forged), key.id))).name).toBe('UnrecognizedClientException')
    await advanceClock(server, '16m')
    expect(await refusalOf(encrypt(clientOf(session), key.id))).toMatchObject({
      name: 'ExpiredTokenException',
      message: 'The security token included in the request is expired',
    })
  })

  it('that are federated have what their policy and the user’s have in common', async () => {
    const key = await createKey()
    const user = await createUser(allow(['sts:GetFederationToken', 'kms:Encrypt']))
    const begin = async (Policy?: string) => {
      const { Credentials: given } = await stsOf(user.keys).send(
        new GetFederationTokenCommand({ Name: 'partner', ...(Policy !== undefined && { Policy }) }),
      )
      return clientOf(keysOf(given))
    }
    await encrypt(await begin(document(allow('kms:*'))), key.id)
    expect(
      (await refusalOf((await begin(document(allow('kms:*')))).send(new DescribeKeyCommand({ KeyId: key.id })))).name,
    ).toBe('AccessDeniedException')
    expect((await refusalOf(encrypt(await begin(), key.id))).name).toBe('AccessDeniedException')
  })
})

describe('The service-linked role for multi-Region keys', () => {
  const RoleName = 'AWSServiceRoleForKeyManagementServiceMultiRegionKeys'

  it('comes with an account’s first multi-Region key, for who may have it made', async () => {
    const account = '777788889999'
    await createAccount(server, account)
    const own = new IAMClient({ region: HOME, endpoint: server.url, credentials: await server.credentials(account) })
    const get = () => own.send(new GetRoleCommand({ RoleName }))
    await own.send(new CreateUserCommand({ UserName: 'creator' }))
    const PolicyDocument = document(allow('kms:CreateKey'))
    await own.send(new PutUserPolicyCommand({ UserName: 'creator', PolicyName: 'create', PolicyDocument }))
    const { AccessKey } = await own.send(new CreateAccessKeyCommand({ UserName: 'creator' }))
    const creator = clientOf({
      accessKeyId: AccessKey?.AccessKeyId ?? '',
      secretAccessKey: AccessKey?.SecretAccessKey ?? '',
    })
    const create = () => creator.send(new CreateKeyCommand({ MultiRegion: true }))
    await expect(get()).rejects.toMatchObject({ name: 'NoSuchEntityException' })
    expect((await refusalOf(create())).message).toContain('iam:CreateServiceLinkedRole')
    await (await kmsClient(server, HOME, account)).send(new CreateKeyCommand({ MultiRegion: true }))
    expect((await get()).Role?.Arn).toBe(
      `arn:aws:iam::${account}:role/aws-service-role/mrk.kms.amazonaws.com/${RoleName}`,
    )
    // Once it is there, nobody needs leave for it.
    await create()
  })
})

describe('A server that only logs', () => {
  it('lets pass what policies refuse, and remembers it', async () => {
    const user = await createUser()
    const key = await createKey()
    await server.restart({ enforcement: 'log' })
    const { $metadata } = await encrypt(clientOf(user.keys), key.id)
    expect(await askInspector(server, '/explain', { id: $metadata.requestId })).toContain('REFUSED  kms:Encrypt')
    await server.restart({ enforcement: 'enforce' })
    root = await kmsClient(server, HOME)
    iam = new IAMClient({ region: HOME, endpoint: server.url, credentials: await server.credentials() })
    expect((await refusalOf(encrypt(clientOf(user.keys), key.id))).name).toBe('AccessDeniedException')
  })
})

describe('A key policy', () => {
  it('names only principals that exist', async () => {
    const key = await createKey()
    const Policy = document(byAccount, allow('kms:*', '*', { Principal: { AWS: `arn:aws:iam::${OWNER}:user/nobody` } }))
    expect(await refusalOf(root.send(new PutKeyPolicyCommand({ KeyId: key.id, Policy })))).toMatchObject({
      name: 'MalformedPolicyDocumentException',
      message:
        'Policy contains a statement with one or more invalid principals. There is no user, role or session ' +
        `arn:aws:iam::${OWNER}:user/nobody now: leave it out, or name one that there is.`,
    })
    expect((await root.send(new GetKeyPolicyCommand({ KeyId: key.id }))).Policy).toContain('Enable IAM User')
  })

  it('that names a role of a service before it is there says how it is made', async () => {
    const key = await createKey()
    const AWS = `arn:aws:iam::${OWNER}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`
    const Policy = document(byAccount, allow('kms:*', '*', { Principal: { AWS } }))
    const { message } = await refusalOf(root.send(new PutKeyPolicyCommand({ KeyId: key.id, Policy })))
    expect(message).toContain(
      `${AWS} now: aws iam create-service-linked-role --aws-service-name autoscaling.amazonaws.com.`,
    )
  })

  it('names nobody of another partition, and no role in another case', async () => {
    const key = await createKey()
    const role = await createRole(`arn:aws:iam::${OWNER}:root`)
    const session = `arn:aws:sts::${OWNER}:assumed-role/${role.name}/session`
    const put = (AWS: string) => {
      const Policy = document(byAccount, allow('kms:*', '*', { Principal: { AWS } }))
      return root.send(new PutKeyPolicyCommand({ KeyId: key.id, Policy }))
    }
    const trust = (AWS: string) => {
      const PolicyDocument = document({ Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' })
      return iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: role.name, PolicyDocument }))
    }
    for (const AWS of [
      `arn:aws-cn:iam::${GUEST}:root`,
      `arn:invented:iam::${GUEST}:root`,
      role.arn.replace('arn:aws:', 'arn:aws-us-gov:'),
      role.arn.replace('/role-', '/ROLE-'),
      session.replace('/role-', '/ROLE-'),
    ]) {
      expect(await refusalOf(put(AWS))).toMatchObject({
        name: 'MalformedPolicyDocumentException',
        message: expect.stringContaining('Policy contains a statement with one or more invalid principals.'),
      })
      await expect(trust(AWS)).rejects.toMatchObject({
        name: 'MalformedPolicyDocumentException',
        message: expect.stringContaining(`Invalid principal in policy: "AWS":"${AWS}"`),
      })
    }
    for (const AWS of [role.arn, session, GUEST]) {
      await put(AWS)
      await trust(AWS)
    }
  })

  it('locks nobody out who may change it by another policy', async () => {
    const key = await createKey()
    const administrator = await createUser(allow('kms:*'))
    await administrator.kms.send(new PutKeyPolicyCommand({ KeyId: key.id, Policy: document(byAccount) }))
    const user = await createUser(allow('kms:PutKeyPolicy'))
    const Policy = document(allow('kms:*', '*', { Principal: { AWS: administrator.arn } }))
    expect(await refusalOf(user.kms.send(new PutKeyPolicyCommand({ KeyId: key.id, Policy })))).toMatchObject({
      message: 'The new key policy will not allow you to update the key policy in the future.',
    })
  })

  it('decrypts for those whom the ciphertext leads to it', async () => {
    const key = await createKey()
    const { CiphertextBlob } = await encrypt(root, key.id)
    const user = await createUser()
    expect((await refusalOf(user.kms.send(new DecryptCommand({ CiphertextBlob })))).message).toBe(
      `User: ${user.arn} is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext ` +
        'because no identity-based policy allows the kms:Decrypt action',
    )
  })
})
