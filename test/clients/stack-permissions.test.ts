import { CreateStackCommand, DeleteStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { CreateRoleCommand, DeleteUserPolicyCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { CreateKeyCommand, DescribeKeyCommand } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kmsClient } from './kms-client.ts'
import { policyOf, principalsOf, type TestPrincipal, type TestPrincipals } from './principals.ts'
import { aliasResource, keyResource, stackRefusal, stacksOf } from './stacks.ts'
import { auditLog } from '../audit-log.ts'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'

let server: TestServer
let people: TestPrincipals

beforeAll(async () => {
  server = await startTestServer()
  people = await principalsOf(server, HOME)
})
afterAll(() => server[Symbol.asyncDispose]())

const template = { Resources: { Key: keyResource() } }
const stacksAs = ({ credentials }: TestPrincipal) => stacksOf(server, HOME, credentials)
const allow = (Action: string | readonly string[], more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource: '*',
  ...more,
})

describe('A stack is made by the permissions of its caller', () => {
  it('who needs one for the action on the stack', async () => {
    const nobody = await people.user()
    const refused = await stackRefusal(stacksAs(nobody).create('mine', template))
    expect(refused).toEqual({
      code: 'AccessDenied',
      message:
        `User: ${nobody.arn} is not authorized to perform: cloudformation:CreateStack on resource: ` +
        `arn:aws:cloudformation:${HOME}:111122223333:stack/mine/* because no identity-based policy allows the ` +
        'cloudformation:CreateStack action',
      status: 403,
    })
  })

  it('and one for each thing that is made: without it the stack is undone, and says so', async () => {
    const user = await people.user(policyOf(allow('cloudformation:*')))
    const stacks = stacksAs(user)
    expect((await stacks.create('poor', template)).StackStatus).toBe('ROLLBACK_COMPLETE')
    expect(await stacks.reason('poor', 'Key', 'CREATE_FAILED')).toMatch(
      new RegExp(
        `^Resource handler returned message: "User: ${user.arn} is not authorized to perform: kms:CreateKey on resource: \\* ` +
          'because no identity-based policy allows the kms:CreateKey action \\(Service: Kms, Status Code: 400, Request ID: ' +
          '[\\da-f-]+\\)" \\(RequestToken: [\\da-f-]+, HandlerErrorCode: AccessDenied\\)$',
      ),
    )
  })

  it('which count as they are at each step', async () => {
    const user = await people.user(policyOf(allow(['cloudformation:*', 'kms:*'])))
    const stacks = stacksAs(user)
    await stacks.create('withdrawn', template)
    await people.iam.send(new DeleteUserPolicyCommand({ UserName: user.name, PolicyName: 'inline' }))
    const root = stacksOf(server, HOME, await server.credentials())
    expect((await stackRefusal(stacks.remove('withdrawn'))).code).toBe('AccessDenied')
    expect((await root.remove('withdrawn')).StackStatus).toBe('DELETE_COMPLETE')
  })

  it('and may be given for what is asked through CloudFormation alone', async () => {
    const via = { Condition: { 'ForAnyValue:StringEquals': { 'aws:CalledVia': 'cloudformation.amazonaws.com' } } }
    const user = await people.user(policyOf(allow('cloudformation:*'), allow('kms:*', via)))
    await expect(user.kms(HOME).send(new CreateKeyCommand({}))).rejects.toThrow('not authorized')
    expect((await stacksAs(user).create('via', template)).StackStatus).toBe('CREATE_COMPLETE')
    const lines = (await auditLog(server, HOME)).trimEnd().split('\n')
    const record = lines
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
      .findLast(({ eventName, errorCode }) => eventName === 'CreateKey' && errorCode === undefined)
    expect(record).toMatchObject({
      userAgent: 'cloudformation.amazonaws.com',
      userIdentity: { arn: user.arn, invokedBy: 'cloudformation.amazonaws.com' },
      sourceIPAddress: 'cloudformation.amazonaws.com',
    })
  })

  it('by the stack, its tags, and what is asked for it', async () => {
    const arn = `arn:aws:cloudformation:${HOME}:111122223333:stack/team-*`
    const user = await people.user(
      policyOf(
        allow('kms:*'),
        {
          Effect: 'Allow',
          Action: 'cloudformation:CreateStack',
          Resource: arn,
          Condition: { StringEquals: { 'aws:RequestTag/team': 'blue' } },
        },
        {
          Effect: 'Allow',
          Action: ['cloudformation:DeleteStack', 'cloudformation:DescribeStacks'],
          Resource: arn,
          Condition: { StringEquals: { 'aws:ResourceTag/team': 'blue' } },
        },
      ),
    )
    const stacks = stacksAs(user)
    const Tags = [{ Key: 'team', Value: 'blue' }]
    expect((await stackRefusal(stacks.create('team-a', template))).code).toBe('AccessDenied')
    expect((await stackRefusal(stacks.create('other', template, { Tags }))).code).toBe('AccessDenied')
    expect((await stacks.create('team-a', template, { Tags })).StackStatus).toBe('CREATE_COMPLETE')
    await stacksOf(server, HOME, await server.credentials()).create('team-b', template)
    const foreign = stacks.client.send(new DeleteStackCommand({ StackName: 'team-b' }))
    expect((await stackRefusal(foreign)).code).toBe('AccessDenied')
    expect((await stackRefusal(stacks.client.send(new DescribeStacksCommand({})))).code).toBe('AccessDenied')
    expect((await stacks.remove('team-a')).StackStatus).toBe('DELETE_COMPLETE')
  })
})

describe('A stack that is given a role', () => {
  async function makeRole(RoleName: string, service: string, ...statements: object[]): Promise<string> {
    const trust = { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }
    const { Role } = await people.iam.send(
      new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: policyOf(trust) }),
    )
    if (statements.length > 0) {
      const PolicyDocument = policyOf(...statements)
      await people.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'inline', PolicyDocument }))
    }
    return Role?.Arn ?? ''
  }

  it('is made by it, whatever its caller may do, who must be allowed to pass it', async () => {
    const RoleARN = await makeRole('maker', 'cloudformation.amazonaws.com', allow('kms:*'))
    const user = await people.user(policyOf(allow('cloudformation:*')))
    const refused = await stackRefusal(stacksAs(user).create('passed', template, { RoleARN }))
    expect(refused.message).toContain(`not authorized to perform: iam:PassRole on resource: ${RoleARN}`)
    const pass = {
      ...allow('iam:PassRole'),
      Resource: RoleARN,
      Condition: { StringEquals: { 'iam:PassedToService': 'cloudformation.amazonaws.com' } },
    }
    const passer = await people.user(policyOf(allow('cloudformation:*'), pass))
    const stack = await stacksAs(passer).create('passed', template, { RoleARN })
    expect(stack).toMatchObject({ StackStatus: 'CREATE_COMPLETE', RoleARN })
    // From then on whoever may change the stack need not pass it.
    const { Key } = await stacksAs(user).made('passed')
    expect((await stacksAs(user).remove('passed')).StackStatus).toBe('DELETE_COMPLETE')
    const kms = await kmsClient(server, HOME)
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: Key }))
    expect(KeyMetadata?.KeyState).toBe('PendingDeletion')
  })

  it('is refused where CloudFormation may not take it on', async () => {
    const RoleARN = await makeRole('of-ec2', 'ec2.amazonaws.com', allow('kms:*'))
    const root = stacksOf(server, HOME, await server.credentials())
    for (const each of [RoleARN, 'arn:aws:iam::111122223333:role/nobody']) {
      const refused = await stackRefusal(root.create('untrusted', template, { RoleARN: each }))
      expect(refused.message).toMatch(new RegExp(`^Role ${each} is invalid or cannot be assumed\\.`))
    }
  })

  it('is undone by it', async () => {
    const RoleARN = await makeRole(
      'no-alias',
      'cloudformation.amazonaws.com',
      allow(['kms:CreateKey', 'kms:PutKeyPolicy', 'kms:TagResource', 'kms:ScheduleKeyDeletion', 'kms:DescribeKey']),
    )
    const root = stacksOf(server, HOME, await server.credentials())
    const Resources = { ...template.Resources, Alias: aliasResource('alias/not-by-it') }
    expect((await root.create('by-role', { Resources }, { RoleARN })).StackStatus).toBe('ROLLBACK_COMPLETE')
    expect(await root.reason('by-role', 'Alias', 'CREATE_FAILED')).toContain(
      'User: arn:aws:sts::111122223333:assumed-role/no-alias/AWSCloudFormation is not authorized to perform: kms:CreateAlias',
    )
  })
})

it('A stack is its account’s and its Region’s alone', async () => {
  const root = stacksOf(server, HOME, await server.credentials())
  const { StackId } = await root.create('ours', template)
  const away = stacksOf(server, AWAY, await server.credentials())
  for (const named of ['ours', StackId]) {
    const refused = stackRefusal(away.client.send(new DescribeStacksCommand({ StackName: named })))
    expect((await refused).message).toBe(`Stack with id ${String(named)} does not exist`)
  }
  const again = away.client.send(new CreateStackCommand({ StackName: 'ours', TemplateBody: JSON.stringify(template) }))
  expect((await again).StackId).not.toBe(StackId)
  await away.settled('ours')
})
