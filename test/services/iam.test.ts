import * as iam from '@aws-sdk/client-iam'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import fc from 'fast-check'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { iamClient, iamRefusal } from '../clients/iam-client.ts'
import { createAccount } from '../control.ts'
import { startTestServer, type TestServer } from '../server.ts'
import { send, signRequest } from '../signed-request.ts'

const ACCOUNT = '111122223333'
const ADMINISTRATOR = 'arn:aws:iam::aws:policy/AdministratorAccess'
const ALLOW = policy('kms:Describe*')
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'sts:AssumeRole' }],
})
const MRK_ROLE = 'AWSServiceRoleForKeyManagementServiceMultiRegionKeys'
const MRK_SERVICE = 'mrk.kms.amazonaws.com'

let server: TestServer
let client: iam.IAMClient
let count = 0

beforeAll(async () => {
  server = await startTestServer({ regions: 'us-east-1' })
  client = await iamClient(server)
})
afterAll(() => server[Symbol.asyncDispose]())

function policy(...actions: readonly string[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] })
}

async function newUser(path = '/'): Promise<string> {
  const UserName = `User-${++count}`
  await client.send(new iam.CreateUserCommand({ UserName, Path: path }))
  return UserName
}

async function newGroup(): Promise<string> {
  const GroupName = `Group-${++count}`
  await client.send(new iam.CreateGroupCommand({ GroupName }))
  return GroupName
}

async function newRole(): Promise<string> {
  const RoleName = `Role-${++count}`
  await client.send(new iam.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: TRUST }))
  return RoleName
}

async function newPolicy(document = ALLOW): Promise<string> {
  const PolicyName = `Policy-${++count}`
  const made = await client.send(new iam.CreatePolicyCommand({ PolicyName, PolicyDocument: document }))
  return made.Policy?.Arn ?? ''
}

describe('A user', () => {
  it('is made with a path and tags, and shown as it was made', async () => {
    const Tags = [{ Key: 'Team', Value: 'Ünit 1' }]
    const made = await client.send(new iam.CreateUserCommand({ UserName: 'Alice', Path: '/a/b/', Tags }))
    expect(made.User).toMatchObject({
      UserName: 'Alice',
      Path: '/a/b/',
      Arn: `arn:aws:iam::${ACCOUNT}:user/a/b/Alice`,
      UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
      CreateDate: expect.any(Date),
      Tags,
    })
    expect((await client.send(new iam.GetUserCommand({ UserName: 'aLICE' }))).User).toEqual(made.User)
    const taken = new iam.CreateUserCommand({ UserName: 'ALICE' })
    expect(await iamRefusal(client.send(taken))).toEqual({
      code: 'EntityAlreadyExists',
      message: 'User with name ALICE already exists.',
      status: 409,
    })
  })

  it('that is not there is NoSuchEntity, with status 404', async () => {
    expect(await iamRefusal(client.send(new iam.GetUserCommand({ UserName: 'nobody' })))).toEqual({
      code: 'NoSuchEntity',
      message: 'The user with name nobody cannot be found.',
      status: 404,
    })
  })

  it('is the caller where no name is given', async () => {
    const { User } = await client.send(new iam.GetUserCommand({}))
    expect(User).toMatchObject({ UserId: ACCOUNT, Arn: `arn:aws:iam::${ACCOUNT}:root` })
  })

  it('keeps its id, groups and keys under another name', async () => {
    const UserName = await newUser()
    const GroupName = await newGroup()
    await client.send(new iam.AddUserToGroupCommand({ UserName, GroupName }))
    await client.send(new iam.CreateAccessKeyCommand({ UserName }))
    const before = await client.send(new iam.GetUserCommand({ UserName }))
    const NewUserName = `${UserName}-renamed`
    await client.send(new iam.UpdateUserCommand({ UserName, NewUserName, NewPath: '/new/' }))
    const after = await client.send(new iam.GetUserCommand({ UserName: NewUserName }))
    expect(after.User).toMatchObject({ UserId: before.User?.UserId, Path: '/new/', UserName: NewUserName })
    expect((await iamRefusal(client.send(new iam.GetUserCommand({ UserName })))).code).toBe('NoSuchEntity')
    const keys = await client.send(new iam.ListAccessKeysCommand({ UserName: NewUserName }))
    expect(keys.AccessKeyMetadata).toHaveLength(1)
    const group = await client.send(new iam.GetGroupCommand({ GroupName }))
    expect(group.Users?.map((user) => user.UserName)).toEqual([NewUserName])
    const taken = new iam.UpdateUserCommand({ UserName: NewUserName, NewUserName: await newUser() })
    expect((await iamRefusal(client.send(taken))).code).toBe('EntityAlreadyExists')
  })

  it('is deleted only when nothing hangs on it', async () => {
    const UserName = await newUser()
    const GroupName = await newGroup()
    const { AccessKey } = await client.send(new iam.CreateAccessKeyCommand({ UserName }))
    await client.send(new iam.PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument: ALLOW }))
    await client.send(new iam.AttachUserPolicyCommand({ UserName, PolicyArn: ADMINISTRATOR }))
    await client.send(new iam.AddUserToGroupCommand({ UserName, GroupName }))
    const conflict = async () => {
      const { code, status, message } = await iamRefusal(client.send(new iam.DeleteUserCommand({ UserName })))
      expect([code, status]).toEqual(['DeleteConflict', 409])
      return message
    }
    expect(await conflict()).toBe('Cannot delete entity, must delete access keys first.')
    await client.send(new iam.DeleteAccessKeyCommand({ UserName, AccessKeyId: AccessKey?.AccessKeyId }))
    expect(await conflict()).toBe('Cannot delete entity, must delete policies first.')
    await client.send(new iam.DeleteUserPolicyCommand({ UserName, PolicyName: 'p' }))
    expect(await conflict()).toBe('Cannot delete entity, must detach all policies first.')
    await client.send(new iam.DetachUserPolicyCommand({ UserName, PolicyArn: ADMINISTRATOR }))
    expect(await conflict()).toBe('Cannot delete entity, must remove user from groups first.')
    await client.send(new iam.RemoveUserFromGroupCommand({ UserName, GroupName }))
    await client.send(new iam.DeleteUserCommand({ UserName }))
    expect((await iamRefusal(client.send(new iam.GetUserCommand({ UserName })))).code).toBe('NoSuchEntity')
  })

  it('is listed by path, page by page', async () => {
    for (let index = 0; index < 5; index++) await newUser('/paged/')
    const names: string[] = []
    for await (const page of iam.paginateListUsers({ client, pageSize: 2 }, { PathPrefix: '/paged/' })) {
      expect(page.Users?.length).toBeLessThanOrEqual(2)
      names.push(...(page.Users ?? []).map((user) => user.UserName ?? ''))
    }
    expect(names).toHaveLength(5)
    expect(new Set(names).size).toBe(5)
    const { Marker } = await client.send(new iam.ListUsersCommand({ MaxItems: 1 }))
    const alien = new iam.ListRolesCommand({ Marker })
    expect((await iamRefusal(client.send(alien))).code).toBe('ValidationError')
    const tooMany = new iam.ListUsersCommand({ MaxItems: 1001 })
    expect((await iamRefusal(client.send(tooMany))).code).toBe('ValidationError')
  })

  it('has tags whose keys differ in more than case', async () => {
    const UserName = await newUser()
    const tag = (...Tags: iam.Tag[]) => client.send(new iam.TagUserCommand({ UserName, Tags }))
    await tag({ Key: 'team', Value: 'a' }, { Key: 'cost', Value: '' })
    await tag({ Key: 'Team', Value: 'b' })
    await client.send(new iam.UntagUserCommand({ UserName, TagKeys: ['COST'] }))
    const { Tags } = await client.send(new iam.ListUserTagsCommand({ UserName }))
    expect(Tags).toEqual([{ Key: 'Team', Value: 'b' }])
    expect((await iamRefusal(tag({ Key: 'x', Value: '' }, { Key: 'X', Value: '' }))).code).toBe('InvalidInput')
    expect((await iamRefusal(tag({ Key: 'aws:x', Value: '' }))).code).toBe('InvalidInput')
    const many = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: '' }))
    expect((await iamRefusal(tag(...many))).code).toBe('LimitExceeded')
  })
})

describe('An access key', () => {
  it('shows its secret once, and there are two a user at the most', async () => {
    const UserName = await newUser()
    const { AccessKey } = await client.send(new iam.CreateAccessKeyCommand({ UserName }))
    expect(AccessKey).toMatchObject({
      UserName,
      AccessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/),
      SecretAccessKey: expect.stringMatching(/^[A-Za-z0-9+/]{40}$/),
      Status: 'Active',
    })
    await client.send(new iam.CreateAccessKeyCommand({ UserName }))
    expect(await iamRefusal(client.send(new iam.CreateAccessKeyCommand({ UserName })))).toEqual({
      code: 'LimitExceeded',
      message: 'Cannot exceed quota for AccessKeysPerUser: 2',
      status: 409,
    })
    const kept = readdirSync(server.path, { recursive: true, encoding: 'utf8' })
      .map((name) => join(server.path, name))
      .filter((path) => statSync(path).isFile())
    for (const path of kept) expect(readFileSync(path).includes(AccessKey?.SecretAccessKey ?? '?'), path).toBe(false)
  })

  it('of a user never stands for the root user', async () => {
    const UserName = await newUser()
    const { AccessKey } = await client.send(new iam.CreateAccessKeyCommand({ UserName }))
    const credentials = {
      accessKeyId: AccessKey?.AccessKeyId ?? '',
      secretAccessKey: AccessKey?.SecretAccessKey ?? '',
    }
    const sts = new STSClient({ region: 'us-east-1', endpoint: server.url, credentials, maxAttempts: 1 })
    const arn = await sts.send(new GetCallerIdentityCommand({})).then(
      ({ Arn }) => Arn,
      () => null,
    )
    expect([null, `arn:aws:iam::${ACCOUNT}:user/${UserName}`]).toContain(arn)
  })

  it('is switched off and on, and says when it was used', async () => {
    const UserName = await newUser()
    const { AccessKey } = await client.send(new iam.CreateAccessKeyCommand({ UserName }))
    const AccessKeyId = AccessKey?.AccessKeyId ?? ''
    await client.send(new iam.UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: 'Inactive' }))
    const { AccessKeyMetadata } = await client.send(new iam.ListAccessKeysCommand({ UserName }))
    expect(AccessKeyMetadata).toMatchObject([{ UserName, AccessKeyId, Status: 'Inactive' }])
    const used = await client.send(new iam.GetAccessKeyLastUsedCommand({ AccessKeyId }))
    expect(used).toMatchObject({ UserName, AccessKeyLastUsed: { Region: 'N/A', ServiceName: 'N/A' } })
    const other = new iam.DeleteAccessKeyCommand({ UserName: await newUser(), AccessKeyId })
    expect((await iamRefusal(client.send(other))).code).toBe('NoSuchEntity')
  })

  it('of the root user is made and deleted without a name, and works from the first to the last moment', async () => {
    const { AccessKey } = await client.send(new iam.CreateAccessKeyCommand({}))
    const credentials = {
      accessKeyId: AccessKey?.AccessKeyId ?? '',
      secretAccessKey: AccessKey?.SecretAccessKey ?? '',
    }
    const sts = new STSClient({ region: 'us-east-1', endpoint: server.url, credentials, maxAttempts: 1 })
    const whoAmI = () => sts.send(new GetCallerIdentityCommand({}))
    expect((await whoAmI()).Arn).toBe(`arn:aws:iam::${ACCOUNT}:root`)
    const change = { AccessKeyId: credentials.accessKeyId }
    await client.send(new iam.UpdateAccessKeyCommand({ ...change, Status: 'Inactive' }))
    await expect(whoAmI()).rejects.toMatchObject({ name: 'InvalidClientTokenId' })
    await client.send(new iam.UpdateAccessKeyCommand({ ...change, Status: 'Active' }))
    expect((await whoAmI()).Account).toBe(ACCOUNT)
    await client.send(new iam.DeleteAccessKeyCommand(change))
    await expect(whoAmI()).rejects.toMatchObject({ name: 'InvalidClientTokenId' })
  })
})

describe('A group', () => {
  it('has members, and keeps them under another name', async () => {
    const GroupName = await newGroup()
    const UserName = await newUser()
    await client.send(new iam.AddUserToGroupCommand({ UserName, GroupName }))
    const NewGroupName = `${GroupName}-renamed`
    await client.send(new iam.UpdateGroupCommand({ GroupName, NewGroupName }))
    const { Groups } = await client.send(new iam.ListGroupsForUserCommand({ UserName }))
    expect(Groups).toMatchObject([{ GroupName: NewGroupName, GroupId: expect.stringMatching(/^AGPA[A-Z2-7]{17}$/) }])
    const refusal = await iamRefusal(client.send(new iam.DeleteGroupCommand({ GroupName: NewGroupName })))
    expect(refusal).toMatchObject({ code: 'DeleteConflict', status: 409 })
    await client.send(new iam.RemoveUserFromGroupCommand({ UserName, GroupName: NewGroupName }))
    await client.send(new iam.DeleteGroupCommand({ GroupName: NewGroupName }))
  })

  it('takes no user who is in ten already', async () => {
    const UserName = await newUser()
    for (let index = 0; index < 10; index++) {
      await client.send(new iam.AddUserToGroupCommand({ UserName, GroupName: await newGroup() }))
    }
    const eleventh = new iam.AddUserToGroupCommand({ UserName, GroupName: await newGroup() })
    expect((await iamRefusal(client.send(eleventh))).message).toBe('Cannot exceed quota for GroupsPerUser: 10')
  })
})

describe('A role', () => {
  it('is made, changed and deleted', async () => {
    const RoleName = await newRole()
    await client.send(new iam.UpdateRoleCommand({ RoleName, Description: 'for tests', MaxSessionDuration: 7200 }))
    const trust = TRUST.replace(ACCOUNT, '444455556666')
    await client.send(new iam.UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: trust }))
    const { Role } = await client.send(new iam.GetRoleCommand({ RoleName }))
    expect(Role).toMatchObject({
      RoleName,
      RoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}$/),
      Description: 'for tests',
      MaxSessionDuration: 7200,
    })
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).toBe(trust)
    expect(Role?.AssumeRolePolicyDocument).not.toMatch(/[{}":* ]/)
    const profiles = await client.send(new iam.ListInstanceProfilesForRoleCommand({ RoleName }))
    expect(profiles.InstanceProfiles).toEqual([])
    await client.send(new iam.DeleteRoleCommand({ RoleName }))
    expect((await iamRefusal(client.send(new iam.GetRoleCommand({ RoleName })))).status).toBe(404)
  })

  it.each([
    ['no trust policy', ALLOW],
    ['no JSON', '{'],
    ['a resource', TRUST.replace('"Action"', '"Resource":"*","Action"')],
  ])('is refused with %s', async (_, AssumeRolePolicyDocument) => {
    const command = new iam.CreateRoleCommand({ RoleName: `Role-${++count}`, AssumeRolePolicyDocument })
    expect(await iamRefusal(client.send(command))).toMatchObject({ code: 'MalformedPolicyDocument', status: 400 })
  })

  it('trusts no user or role that is not there', async () => {
    const trust = (principal: string) =>
      client.send(
        new iam.CreateRoleCommand({
          RoleName: `Role-${++count}`,
          AssumeRolePolicyDocument: TRUST.replace(`"${ACCOUNT}"`, `"${principal}"`),
        }),
      )
    const arn = `arn:aws:iam::${ACCOUNT}:user/later`
    expect(await iamRefusal(trust(arn))).toEqual({
      code: 'MalformedPolicyDocument',
      message: `Invalid principal in policy: "AWS":"${arn}"`,
      status: 400,
    })
    await client.send(new iam.CreateUserCommand({ UserName: 'later' }))
    expect((await trust(arn)).Role?.RoleId).toMatch(/^AROA/)
    expect((await trust(`arn:aws:iam::${ACCOUNT}:role/${await newRole()}`)).Role?.RoleId).toMatch(/^AROA/)
    const session = `arn:aws:sts::${ACCOUNT}:assumed-role/nobody/session`
    expect((await iamRefusal(trust(session))).code).toBe('MalformedPolicyDocument')
  })

  it('has not the name of a service-linked role', async () => {
    const command = new iam.CreateRoleCommand({ RoleName: MRK_ROLE, AssumeRolePolicyDocument: TRUST })
    expect((await iamRefusal(client.send(command))).code).toBe('InvalidInput')
  })

  it('has sessions of an hour to twelve', async () => {
    const RoleName = await newRole()
    for (const MaxSessionDuration of [3599, 43_201]) {
      const command = new iam.UpdateRoleCommand({ RoleName, MaxSessionDuration })
      expect((await iamRefusal(client.send(command))).code).toBe('ValidationError')
    }
  })
})

describe('An inline policy', () => {
  const owners = [
    ['user', newUser, (Owner: string) => ({ UserName: Owner }), 2048],
    ['group', newGroup, (Owner: string) => ({ GroupName: Owner }), 5120],
    ['role', newRole, (Owner: string) => ({ RoleName: Owner }), 10_240],
  ] as const
  const ask = (action: string, kind: string, input: Readonly<Record<string, string>>) =>
    query(`${action}${kind.charAt(0).toUpperCase()}${kind.slice(1)}Polic${action === 'List' ? 'ies' : 'y'}`, input)

  it.each(owners)('of a %s is put, shown, listed and deleted', async (kind, make, named) => {
    const owner = named(await make())
    // Names that every object knows are names like any other.
    expect((await ask('Get', kind, { ...owner, PolicyName: 'constructor' })).status).toBe(404)
    for (const PolicyName of ['__proto__', 'constructor']) {
      expect((await ask('Put', kind, { ...owner, PolicyName, PolicyDocument: ALLOW })).status).toBe(200)
      const { text } = await ask('Get', kind, { ...owner, PolicyName })
      const [, document = ''] = /<PolicyDocument>(.*)<\/PolicyDocument>/.exec(text) ?? []
      expect(decodeURIComponent(document)).toBe(ALLOW)
    }
    const { text } = await ask('List', kind, owner)
    expect(text).toContain('<PolicyNames><member>__proto__</member><member>constructor</member></PolicyNames>')
    expect((await ask('Delete', kind, { ...owner, PolicyName: '__proto__' })).status).toBe(200)
    expect((await ask('Delete', kind, { ...owner, PolicyName: '__proto__' })).status).toBe(404)
  })

  it.each(owners)('of a %s is refused when all are too long together', async (kind, make, named, limit) => {
    const owner = named(await make())
    const room = limit - policy('').length
    const first = { ...owner, PolicyName: 'a', PolicyDocument: `  ${policy(`kms:${'x'.repeat(room - 4)}`)}\n` }
    expect((await ask('Put', kind, first)).status).toBe(200)
    const { status, text } = await ask('Put', kind, { ...owner, PolicyName: 'b', PolicyDocument: ALLOW })
    expect(status).toBe(409)
    expect(text).toContain('<Code>LimitExceeded</Code>')
  })

  it('is refused where it is none, in the words of AWS', async () => {
    const UserName = await newUser()
    const put = (PolicyDocument: string) =>
      iamRefusal(client.send(new iam.PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument })))
    expect(await put('{}')).toMatchObject({
      code: 'MalformedPolicyDocument',
      message: expect.stringMatching(/^Syntax errors in policy\./),
    })
    const version = ALLOW.replace('2012-10-17', '2020-01-01')
    expect((await put(version)).message).toMatch(/^Syntax errors in policy\./)
    expect((await put(TRUST)).message).toMatch(/^Policy document should not specify a principal\./)
  })
})

describe('A managed policy', () => {
  it('has five versions at the most, whose numbers are never used again', async () => {
    const PolicyArn = await newPolicy()
    const add = (SetAsDefault: boolean) =>
      client.send(new iam.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: ALLOW, SetAsDefault }))
    for (let index = 0; index < 4; index++) await add(index === 3)
    expect((await iamRefusal(add(false))).code).toBe('LimitExceeded')
    const inUse = new iam.DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v5' })
    expect(await iamRefusal(client.send(inUse))).toMatchObject({
      code: 'DeleteConflict',
      message: 'Cannot delete the default version of a policy.',
    })
    await client.send(new iam.SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }))
    await client.send(inUse)
    expect((await add(false)).PolicyVersion).toMatchObject({ VersionId: 'v6', IsDefaultVersion: false })
    const { Versions } = await client.send(new iam.ListPolicyVersionsCommand({ PolicyArn }))
    expect(Versions?.map((version) => version.VersionId)).toEqual(['v6', 'v4', 'v3', 'v2', 'v1'])
    const { PolicyVersion } = await client.send(new iam.GetPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }))
    expect(decodeURIComponent(PolicyVersion?.Document ?? '')).toBe(ALLOW)
    expect((await iamRefusal(client.send(new iam.DeletePolicyCommand({ PolicyArn })))).code).toBe('DeleteConflict')
  })

  it('knows who has it, and is deleted when nobody has', async () => {
    const PolicyArn = await newPolicy()
    const [UserName, GroupName, RoleName] = [await newUser(), await newGroup(), await newRole()]
    await client.send(new iam.AttachUserPolicyCommand({ UserName, PolicyArn }))
    await client.send(new iam.AttachUserPolicyCommand({ UserName, PolicyArn }))
    await client.send(new iam.AttachGroupPolicyCommand({ GroupName, PolicyArn }))
    await client.send(new iam.AttachRolePolicyCommand({ RoleName, PolicyArn }))
    await client.send(new iam.PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: PolicyArn }))
    const entities = await client.send(new iam.ListEntitiesForPolicyCommand({ PolicyArn }))
    expect(entities).toMatchObject({
      PolicyUsers: [{ UserName }],
      PolicyGroups: [{ GroupName }],
      PolicyRoles: [{ RoleName }],
    })
    const bounded = await client.send(
      new iam.ListEntitiesForPolicyCommand({ PolicyArn, PolicyUsageFilter: 'PermissionsBoundary' }),
    )
    expect(bounded).toMatchObject({ PolicyUsers: [], PolicyRoles: [{ RoleName }] })
    const { Policy } = await client.send(new iam.GetPolicyCommand({ PolicyArn }))
    expect(Policy).toMatchObject({ AttachmentCount: 3, PermissionsBoundaryUsageCount: 1, IsAttachable: true })
    const attached = await client.send(new iam.ListAttachedUserPoliciesCommand({ UserName }))
    expect(attached.AttachedPolicies).toEqual([{ PolicyName: PolicyArn.split('/')[1], PolicyArn }])

    await client.send(new iam.DetachUserPolicyCommand({ UserName, PolicyArn }))
    expect((await iamRefusal(client.send(new iam.DetachUserPolicyCommand({ UserName, PolicyArn })))).status).toBe(404)
    await client.send(new iam.DetachGroupPolicyCommand({ GroupName, PolicyArn }))
    await client.send(new iam.DetachRolePolicyCommand({ RoleName, PolicyArn }))
    expect(await iamRefusal(client.send(new iam.DeletePolicyCommand({ PolicyArn })))).toMatchObject({
      code: 'DeleteConflict',
      message: 'Cannot delete a policy attached to entities.',
    })
    await client.send(new iam.DeleteRolePermissionsBoundaryCommand({ RoleName }))
    await client.send(new iam.DeletePolicyCommand({ PolicyArn }))
    expect((await iamRefusal(client.send(new iam.GetPolicyCommand({ PolicyArn })))).code).toBe('NoSuchEntity')
  })

  it('is attached ten times to a user and twenty times to a role, and no more', async () => {
    const arns: string[] = []
    for (let index = 0; index < 21; index++) arns.push(await newPolicy())
    const [UserName, RoleName] = [await newUser(), await newRole()]
    const toUser = (PolicyArn = '') => client.send(new iam.AttachUserPolicyCommand({ UserName, PolicyArn }))
    const toRole = (PolicyArn = '') => client.send(new iam.AttachRolePolicyCommand({ RoleName, PolicyArn }))
    for (const arn of arns.slice(0, 10)) await toUser(arn)
    for (const arn of arns.slice(0, 20)) await toRole(arn)
    expect((await iamRefusal(toUser(arns[20]))).message).toBe('Cannot exceed quota for PoliciesPerUser: 10')
    expect((await iamRefusal(toRole(arns[20]))).message).toBe('Cannot exceed quota for PoliciesPerRole: 20')
  })

  it('of AWS is everybody’s to attach and nobody’s to change', async () => {
    const { Policies } = await client.send(new iam.ListPoliciesCommand({ Scope: 'AWS' }))
    expect(Policies?.map((each) => each.PolicyName)).toEqual([
      'AWSKeyManagementServicePowerUser',
      'AdministratorAccess',
      'AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy',
    ])
    const { Policy } = await client.send(new iam.GetPolicyCommand({ PolicyArn: ADMINISTRATOR }))
    const version = { PolicyArn: ADMINISTRATOR, VersionId: Policy?.DefaultVersionId }
    const { PolicyVersion } = await client.send(new iam.GetPolicyVersionCommand(version))
    expect(JSON.parse(decodeURIComponent(PolicyVersion?.Document ?? ''))).toEqual({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
    })
    const change = new iam.CreatePolicyVersionCommand({ PolicyArn: ADMINISTRATOR, PolicyDocument: ALLOW })
    expect((await iamRefusal(client.send(change))).code).toBe('InvalidInput')
    const deletion = new iam.DeletePolicyCommand({ PolicyArn: ADMINISTRATOR })
    expect((await iamRefusal(client.send(deletion))).code).toBe('InvalidInput')
  })

  it('is at most 6,144 characters long, without white space', async () => {
    const longest = policy(`kms:${'x'.repeat(6144 - policy('').length - 4)}`)
    await newPolicy(`\n  ${longest}`)
    const longer = longest.replace('kms:', 'kms:y')
    expect((await iamRefusal(newPolicy(longer))).message).toBe('Cannot exceed quota for PolicySize: 6144')
  })

  it('that is another account’s is not there', async () => {
    const PolicyArn = 'arn:aws:iam::444455556666:policy/Other'
    const attach = new iam.AttachUserPolicyCommand({ UserName: await newUser(), PolicyArn })
    expect(await iamRefusal(client.send(attach))).toEqual({
      code: 'NoSuchEntity',
      message: `Policy ${PolicyArn} does not exist or is not attachable.`,
      status: 404,
    })
  })
})

describe('A boundary', () => {
  it('is put on a user, shown, and taken away', async () => {
    const UserName = await newUser()
    const PermissionsBoundary = await newPolicy()
    await client.send(new iam.PutUserPermissionsBoundaryCommand({ UserName, PermissionsBoundary }))
    const { User } = await client.send(new iam.GetUserCommand({ UserName }))
    expect(User?.PermissionsBoundary).toEqual({
      PermissionsBoundaryType: 'Policy',
      PermissionsBoundaryArn: PermissionsBoundary,
    })
    await client.send(new iam.DeleteUserPermissionsBoundaryCommand({ UserName }))
    const after = await client.send(new iam.GetUserCommand({ UserName }))
    expect(after.User?.PermissionsBoundary).toBeUndefined()
    const again = new iam.DeleteUserPermissionsBoundaryCommand({ UserName })
    expect((await iamRefusal(client.send(again))).code).toBe('NoSuchEntity')
  })
})

describe('The service-linked role of multi-Region keys', () => {
  it('is made once, described and tagged by customers, and changed in nothing else', async () => {
    const create = new iam.CreateServiceLinkedRoleCommand({ AWSServiceName: MRK_SERVICE })
    const { Role } = await client.send(create)
    expect(Role).toMatchObject({
      RoleName: MRK_ROLE,
      Path: `/aws-service-role/${MRK_SERVICE}/`,
      Arn: `arn:aws:iam::${ACCOUNT}:role/aws-service-role/${MRK_SERVICE}/${MRK_ROLE}`,
    })
    expect(await iamRefusal(client.send(create))).toEqual({
      code: 'InvalidInput',
      message: `Service role name ${MRK_ROLE} has been taken in this account, please try a different suffix.`,
      status: 400,
    })
    const RoleName = MRK_ROLE
    const attached = await client.send(new iam.ListAttachedRolePoliciesCommand({ RoleName }))
    expect(attached.AttachedPolicies?.map((each) => each.PolicyName)).toEqual([
      'AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy',
    ])
    await client.send(new iam.UpdateRoleDescriptionCommand({ RoleName, Description: 'mine' }))
    await client.send(new iam.UpdateRoleCommand({ RoleName, Description: 'still mine' }))
    await client.send(new iam.TagRoleCommand({ RoleName, Tags: [{ Key: 'a', Value: 'b' }] }))

    const refusals = await Promise.all(
      [
        client.send(new iam.UpdateRoleCommand({ RoleName, MaxSessionDuration: 7200 })),
        client.send(new iam.UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: TRUST })),
        client.send(new iam.PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument: ALLOW })),
        client.send(new iam.AttachRolePolicyCommand({ RoleName, PolicyArn: ADMINISTRATOR })),
        client.send(new iam.DetachRolePolicyCommand({ RoleName, PolicyArn: ADMINISTRATOR })),
        client.send(new iam.PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: ADMINISTRATOR })),
        client.send(new iam.DeleteRoleCommand({ RoleName })),
      ].map(iamRefusal),
    )
    expect(new Set(refusals.map(({ code, status }) => `${code} ${status}`))).toEqual(
      new Set(['UnmodifiableEntity 400']),
    )
  })

  it('is not deleted, and its deletion says why', async () => {
    const deletion = await client.send(new iam.DeleteServiceLinkedRoleCommand({ RoleName: MRK_ROLE }))
    const { DeletionTaskId } = deletion
    expect(DeletionTaskId).toMatch(new RegExp(`^task/aws-service-role/${MRK_SERVICE}/${MRK_ROLE}/[0-9a-f-]{36}$`))
    const status = await client.send(new iam.GetServiceLinkedRoleDeletionStatusCommand({ DeletionTaskId }))
    expect(status).toMatchObject({
      Status: 'FAILED',
      Reason: {
        Reason: 'AWS KMS does not let its role for multi-Region keys be deleted, though the account has no such keys.',
      },
    })
    expect((await client.send(new iam.GetRoleCommand({ RoleName: MRK_ROLE }))).Role?.RoleName).toBe(MRK_ROLE)
  })
})

describe('An account', () => {
  it('counts what it has', async () => {
    const { SummaryMap } = await client.send(new iam.GetAccountSummaryCommand({}))
    expect(SummaryMap?.['Users']).toBeGreaterThan(10)
    expect(SummaryMap).toMatchObject({ AccessKeysPerUserQuota: 2, AccountAccessKeysPresent: 1 })
  })

  it('says that it has nothing of what belongs to a console', async () => {
    const UserName = await newUser()
    expect((await client.send(new iam.ListAccountAliasesCommand({}))).AccountAliases).toEqual([])
    expect((await client.send(new iam.ListMFADevicesCommand({ UserName }))).MFADevices).toEqual([])
    expect((await client.send(new iam.ListVirtualMFADevicesCommand({}))).VirtualMFADevices).toEqual([])
    expect((await client.send(new iam.ListSSHPublicKeysCommand({ UserName }))).SSHPublicKeys).toEqual([])
    const profile = await iamRefusal(client.send(new iam.GetLoginProfileCommand({ UserName })))
    expect(profile).toMatchObject({ code: 'NoSuchEntity', status: 404 })
    const unsupported = await iamRefusal(client.send(new iam.CreateLoginProfileCommand({ UserName, Password: 'x' })))
    expect(unsupported.code).toBe('UnsupportedOperation')
  })

  it('sees nothing of another', async () => {
    const UserName = await newUser()
    await createAccount(server, '444455556666')
    const stranger = await iamClient(server, '444455556666')
    expect((await stranger.send(new iam.ListUsersCommand({}))).Users).toEqual([])
    expect((await iamRefusal(stranger.send(new iam.GetUserCommand({ UserName })))).code).toBe('NoSuchEntity')
    const { AccessKey } = await client.send(new iam.CreateAccessKeyCommand({ UserName }))
    const used = new iam.GetAccessKeyLastUsedCommand({ AccessKeyId: AccessKey?.AccessKeyId })
    expect((await iamRefusal(stranger.send(used))).code).toBe('NoSuchEntity')
  })

  it('is asked in us-east-1 even where that Region is not served', async () => {
    await using elsewhere = await startTestServer({ regions: 'eu-west-1' })
    const client = await iamClient(elsewhere)
    expect((await client.send(new iam.ListUsersCommand({}))).Users).toEqual([])
  })
})

describe('A simulation', () => {
  const statement = (Effect: string, Action: string, more: object = {}) => ({ Effect, Action, Resource: '*', ...more })
  const document = (...Statement: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
  const decisions = (results: iam.EvaluationResult[] | undefined) =>
    Object.fromEntries((results ?? []).map((each) => [each.EvalActionName, each.EvalDecision]))

  it('says what policies that nobody has would allow, and on what it rests', async () => {
    const tagged = { StringEquals: { 'aws:PrincipalTag/team': 'a' } }
    const PolicyInputList = [
      document(statement('Allow', 'kms:*'), statement('Deny', 'kms:ScheduleKeyDeletion')),
      document(statement('Allow', 's3:GetObject', { Condition: tagged })),
    ]
    const ActionNames = ['kms:Encrypt', 'kms:ScheduleKeyDeletion', 's3:GetObject', 'ec2:RunInstances']
    const simulation = { PolicyInputList, ActionNames }
    const { EvaluationResults } = await client.send(new iam.SimulateCustomPolicyCommand(simulation))
    expect(decisions(EvaluationResults)).toEqual({
      'kms:Encrypt': 'allowed',
      'kms:ScheduleKeyDeletion': 'explicitDeny',
      's3:GetObject': 'implicitDeny',
      'ec2:RunInstances': 'implicitDeny',
    })
    expect(EvaluationResults?.[0]?.MatchedStatements).toMatchObject([
      { SourcePolicyId: 'PolicyInputList.1', StartPosition: { Line: 1 } },
    ])
    expect(EvaluationResults?.[2]?.MissingContextValues).toEqual(['aws:PrincipalTag/team'])
    const ContextEntries: iam.ContextEntry[] = [
      { ContextKeyName: 'aws:PrincipalTag/team', ContextKeyType: 'string', ContextKeyValues: ['a'] },
    ]
    const again = await client.send(new iam.SimulateCustomPolicyCommand({ ...simulation, ContextEntries }))
    expect(decisions(again.EvaluationResults)['s3:GetObject']).toBe('allowed')
    const bad = new iam.SimulateCustomPolicyCommand({ PolicyInputList: ['{}'], ActionNames })
    expect((await iamRefusal(client.send(bad))).code).toBe('InvalidInput')
  })

  it('ends its page where much was done, and goes on there', async () => {
    const many = document(...Array.from({ length: 200 }, () => statement('Allow', '*')))
    const ActionNames = Array.from({ length: 40 }, (_, index) => `kms:Action${index}`)
    const simulation = { PolicyInputList: [many, many], ActionNames, MaxItems: 1000 }
    const seen: (string | undefined)[] = []
    let pages = 0
    for (let Marker: string | undefined, more = true; more; pages += 1) {
      const page = await client.send(new iam.SimulateCustomPolicyCommand({ ...simulation, Marker }))
      seen.push(...(page.EvaluationResults ?? []).map(({ EvalActionName }) => EvalActionName))
      // A page is bounded by what is in it, not only by how many results there are.
      const statements = (page.EvaluationResults ?? []).flatMap(({ MatchedStatements = [] }) => MatchedStatements)
      expect(statements.length).toBeLessThan(4000)
      Marker = page.Marker
      more = page.IsTruncated === true
    }
    expect(seen).toEqual(ActionNames)
    expect(pages).toBeGreaterThan(3)
  })

  it.each([
    ['a policy that nobody could have', [10_241], 'PolicyInputList.1 has 10241 characters.'],
    ['more than it tries at once', Array<number>(13).fill(10_240), 'PolicyInputList has more than 131072 characters.'],
  ])('refuses %s', async (_what, sizes, message) => {
    const PolicyInputList = sizes.map((size) => {
      const empty = document({ ...statement('Allow', '*'), Sid: '' })
      return document({ ...statement('Allow', '*'), Sid: 'x'.repeat(size - empty.length) })
    })
    const asked = new iam.SimulateCustomPolicyCommand({ PolicyInputList, ActionNames: ['kms:Encrypt'] })
    const refusal = await iamRefusal(client.send(asked))
    expect(refusal).toMatchObject({ code: 'InvalidInput', message: expect.stringContaining(message) })
  })

  it('refuses a question that takes too many comparisons, and answers one that takes few', async () => {
    const patterns = Array.from({ length: 300 }, (_, index) => `\${aws:b}*${index}`)
    const condition = { 'ForAnyValue:StringLike': { 'aws:k': patterns } }
    const PolicyInputList = [document(statement('Allow', '*', { Condition: condition }))]
    const ask = (count: number) => {
      const ContextKeyValues = Array.from({ length: count }, (_, index) => `value ${index}`)
      const ContextEntries: iam.ContextEntry[] = [
        { ContextKeyName: 'aws:k', ContextKeyType: 'stringList', ContextKeyValues },
        { ContextKeyName: 'aws:b', ContextKeyType: 'string', ContextKeyValues: ['value'] },
      ]
      const asked = { PolicyInputList, ActionNames: ['kms:Encrypt'], ContextEntries }
      return client.send(new iam.SimulateCustomPolicyCommand(asked))
    }
    expect(decisions((await ask(100)).EvaluationResults)).toEqual({ 'kms:Encrypt': 'allowed' })
    expect(await iamRefusal(ask(1000))).toMatchObject({
      code: 'InvalidInput',
      message: expect.stringMatching(
        /^Whether kms:Encrypt is allowed on \* takes 6\d{5} comparisons .* At most 100000 /,
      ),
    })
  })

  it('refuses a condition key that is given twice', async () => {
    const ContextEntries = ['aws:PrincipalTag/team', 'aws:PrincipalTag/Team'].map((ContextKeyName) => ({
      ContextKeyName,
      ContextKeyType: 'string' as const,
      ContextKeyValues: ['a'],
    }))
    const PolicyInputList = [document(statement('Allow', '*'))]
    const asked = new iam.SimulateCustomPolicyCommand({ PolicyInputList, ActionNames: ['kms:Encrypt'], ContextEntries })
    expect(await iamRefusal(client.send(asked))).toMatchObject({
      code: 'InvalidInput',
      message: 'ContextEntries has aws:PrincipalTag/Team twice. Give it once.',
    })
  })

  it('says what a user may by its own policies, its groups’ and its boundary', async () => {
    const [UserName, GroupName] = [await newUser(), await newGroup()]
    await client.send(new iam.AddUserToGroupCommand({ UserName, GroupName }))
    const groupPolicy = { GroupName, PolicyName: 'g', PolicyDocument: policy('kms:Decrypt', 'kms:Sign') }
    await client.send(new iam.PutGroupPolicyCommand(groupPolicy))
    await client.send(new iam.AttachUserPolicyCommand({ UserName, PolicyArn: await newPolicy(policy('kms:Encrypt')) }))
    const PermissionsBoundary = await newPolicy(policy('kms:Encrypt', 'kms:Decrypt'))
    await client.send(new iam.PutUserPermissionsBoundaryCommand({ UserName, PermissionsBoundary }))
    const { EvaluationResults } = await client.send(
      new iam.SimulatePrincipalPolicyCommand({
        PolicySourceArn: `arn:aws:iam::${ACCOUNT}:user/${UserName}`,
        ActionNames: ['kms:Encrypt', 'kms:Decrypt', 'kms:Sign', 'kms:Verify'],
      }),
    )
    expect(decisions(EvaluationResults)).toEqual({
      'kms:Encrypt': 'allowed',
      'kms:Decrypt': 'allowed',
      'kms:Sign': 'implicitDeny',
      'kms:Verify': 'implicitDeny',
    })
    expect(EvaluationResults?.[2]?.PermissionsBoundaryDecisionDetail).toEqual({ AllowedByPermissionsBoundary: false })
  })

  it('asks a resource’s policy too, whose account may be another', async () => {
    const RoleName = await newRole()
    const CallerArn = `arn:aws:iam::${ACCOUNT}:role/${RoleName}`
    const ResourcePolicy = document({ ...statement('Allow', 'kms:Encrypt'), Principal: { AWS: CallerArn } })
    const ask = async (ResourceOwner: string) => {
      const { EvaluationResults } = await client.send(
        new iam.SimulatePrincipalPolicyCommand({
          PolicySourceArn: CallerArn,
          ActionNames: ['kms:Encrypt'],
          ResourcePolicy,
          ResourceOwner,
        }),
      )
      return decisions(EvaluationResults)['kms:Encrypt']
    }
    expect(await ask(ACCOUNT)).toBe('allowed')
    expect(await ask('444455556666')).toBe('implicitDeny')
  })
})

async function query(action: string, members: Readonly<Record<string, string>> | string) {
  const form = typeof members === 'string' ? members : new URLSearchParams(members).toString()
  const request = await signRequest({
    url: server.url,
    credentials: await server.credentials(),
    service: 'iam',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `Action=${action}&Version=2010-05-08&${form}`,
  })
  return send(server.url, request)
}

describe('A hostile form', () => {
  const step = fc.constantFrom('Tags', 'member', 'entry', '1', '2', 'Key', 'Value', 'UserName', '__proto__', '')
  const name = fc.array(step, { minLength: 1, maxLength: 6 }).map((steps) => steps.join('.'))
  const value = fc.constantFrom('', 'a', '/', '__proto__', '<&>', '\r\n', '9'.repeat(30))
  const fields = fc.array(fc.tuple(name, value), { maxLength: 8 })
  const action = fc.constantFrom('CreateUser', 'TagUser', 'UntagUser', 'ListUsers', 'ListPolicies', 'constructor')

  it('is answered or refused, and is never the server’s fault', async () => {
    await fc.assert(
      fc.asyncProperty(action, fields, async (name, members) => {
        const { status, text } = await query(name, new URLSearchParams(members).toString())
        expect(status, text).toBeLessThan(500)
        expect(text).toMatch(status === 200 ? /^<\w+Response / : /^<ErrorResponse .*<Code>\w+<\/Code>/s)
      }),
      { numRuns: 60 },
    )
  })
})
