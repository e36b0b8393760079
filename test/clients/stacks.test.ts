import {
  CancelUpdateStackCommand,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStackResourceCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  ListExportsCommand,
  ListImportsCommand,
  ListStacksCommand,
  UpdateStackCommand,
  UpdateTerminationProtectionCommand,
  ValidateTemplateCommand,
} from '@aws-sdk/client-cloudformation'
import { GetRoleCommand, ListRolesCommand } from '@aws-sdk/client-iam'
import {
  DescribeKeyCommand,
  ListAliasesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  TagResourceCommand,
  UntagResourceCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { iamClient } from './iam-client.ts'
import { kmsClient, refusalOf } from './kms-client.ts'
import { aliasResource, keyResource, stackRefusal, stacksOf, type TestStacks } from './stacks.ts'
import { advanceClock, drill, pauseReplication } from '../control.ts'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'

let server: TestServer
let stacks: TestStacks
let kms: KMSClient

beforeAll(async () => {
  server = await startTestServer()
  stacks = stacksOf(server, HOME, await server.credentials())
  kms = await kmsClient(server, HOME)
})
afterAll(() => server[Symbol.asyncDispose]())

async function keyState(KeyId: string | undefined): Promise<string | undefined> {
  return (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState
}

async function aliasNames(): Promise<readonly string[]> {
  const { Aliases } = await kms.send(new ListAliasesCommand({ Limit: 100 }))
  return (Aliases ?? []).map(({ AliasName }) => AliasName ?? '')
}

const trust = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 'sts:AssumeRole' }],
}
const role = (more: object = {}) => ({
  Type: 'AWS::IAM::Role',
  Properties: { AssumeRolePolicyDocument: trust },
  ...more,
})
/** It cannot be made: only AWS gives such names. */
const impossible = (more: object = {}) => aliasResource('alias/aws/mine', 'Key', { DependsOn: 'Key', ...more })

describe('A stack', () => {
  it('is made in order, tells what it has made, and takes all of it away', async () => {
    const template = {
      Description: 'a key with its alias',
      Resources: {
        Alias: aliasResource('alias/ordered'),
        Key: keyResource({ Tags: [{ Key: 'own', Value: 'yes' }] }),
      },
      Outputs: { Arn: { Value: { 'Fn::GetAtt': ['Key', 'Arn'] }, Description: 'the key' } },
    }
    const stack = await stacks.create('ordered', template, { Tags: [{ Key: 'team', Value: 'blue' }] })
    expect(stack).toMatchObject({ StackStatus: 'CREATE_COMPLETE', Description: 'a key with its alias' })
    const made = await stacks.made('ordered')
    expect(stack.Outputs).toEqual([
      { OutputKey: 'Arn', OutputValue: `arn:aws:kms:${HOME}:111122223333:key/${made['Key']}`, Description: 'the key' },
    ])
    expect(await stacks.events('ordered')).toEqual([
      'ordered CREATE_IN_PROGRESS',
      'Key CREATE_IN_PROGRESS',
      'Key CREATE_IN_PROGRESS',
      'Key CREATE_COMPLETE',
      'Alias CREATE_IN_PROGRESS',
      'Alias CREATE_IN_PROGRESS',
      'Alias CREATE_COMPLETE',
      'ordered CREATE_COMPLETE',
    ])
    const { Tags } = await kms.send(new ListResourceTagsCommand({ KeyId: made['Key'] }))
    expect(Object.fromEntries((Tags ?? []).map(({ TagKey, TagValue }) => [TagKey, TagValue]))).toEqual({
      own: 'yes',
      team: 'blue',
      'aws:cloudformation:stack-name': 'ordered',
      'aws:cloudformation:stack-id': stack.StackId,
      'aws:cloudformation:logical-id': 'Key',
    })

    const deleted = await stacks.remove('ordered')
    expect(deleted.StackStatus).toBe('DELETE_COMPLETE')
    expect(await keyState(made['Key'])).toBe('PendingDeletion')
    expect(await aliasNames()).not.toContain('alias/ordered')
    expect(await stackRefusal(stacks.client.send(new DescribeStacksCommand({ StackName: 'ordered' })))).toEqual({
      code: 'ValidationError',
      message: 'Stack with id ordered does not exist',
      status: 400,
    })
    const { StackSummaries } = await stacks.client.send(
      new ListStacksCommand({ StackStatusFilter: ['DELETE_COMPLETE'] }),
    )
    expect(StackSummaries?.map(({ StackId }) => StackId)).toContain(stack.StackId)
  })

  it('has tags that nobody else can give or take', async () => {
    await stacks.create('system-tags', { Resources: { Key: keyResource() } })
    const { Key } = await stacks.made('system-tags')
    const reserved = 'aws:cloudformation:stack-name'
    const give = kms.send(new TagResourceCommand({ KeyId: Key, Tags: [{ TagKey: reserved, TagValue: 'x' }] }))
    expect(await refusalOf(give)).toMatchObject({ name: 'TagException' })
    const take = kms.send(new UntagResourceCommand({ KeyId: Key, TagKeys: [reserved] }))
    expect(await refusalOf(take)).toMatchObject({ name: 'TagException' })
  })

  it('is changed in place, or by another resource in place of the old one, and loses what its template has no more', async () => {
    const first = {
      Resources: { Key: keyResource({ Description: 'one' }), Alias: aliasResource('alias/one'), Gone: role() },
    }
    await stacks.create('changed', first)
    const before = await stacks.made('changed')
    const second = { Resources: { Key: keyResource({ Description: 'two' }), Alias: aliasResource('alias/two') } }
    expect((await stacks.update('changed', second)).StackStatus).toBe('UPDATE_COMPLETE')
    const after = await stacks.made('changed')
    expect(after).toEqual({ Key: before['Key'], Alias: 'alias/two' })
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: after['Key'] }))
    expect(KeyMetadata?.Description).toBe('two')
    expect(await aliasNames()).not.toContain('alias/one')
    const iam = await iamClient(server)
    await expect(iam.send(new GetRoleCommand({ RoleName: before['Gone'] }))).rejects.toThrow('cannot be found')
    expect((await stacks.events('changed')).slice(-9)).toEqual([
      'Alias UPDATE_IN_PROGRESS',
      'Alias UPDATE_IN_PROGRESS',
      'Alias UPDATE_COMPLETE',
      'changed UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'Alias DELETE_IN_PROGRESS',
      'Alias DELETE_COMPLETE',
      'Gone DELETE_IN_PROGRESS',
      'Gone DELETE_COMPLETE',
      'changed UPDATE_COMPLETE',
    ])
    const again = new UpdateStackCommand({ StackName: 'changed', TemplateBody: JSON.stringify(second) })
    expect(await stackRefusal(stacks.client.send(again))).toMatchObject({
      code: 'ValidationError',
      message: 'No updates are to be performed.',
    })
  })

  it('that cannot be made leaves nothing behind, and says why', async () => {
    const template = {
      Resources: { Key: keyResource(), Role: role({ DependsOn: 'Key' }), Bad: impossible({ DependsOn: 'Role' }) },
    }
    const keys = async () => (await kms.send(new ListKeysCommand({ Limit: 1000 }))).Keys?.length ?? 0
    const before = await keys()
    expect((await stacks.create('undone', template)).StackStatus).toBe('ROLLBACK_COMPLETE')
    expect(await keys()).toBe(before + 1)
    expect(await stacks.reason('undone', 'undone', 'ROLLBACK_IN_PROGRESS')).toBe(
      'The following resource(s) failed to create: [Bad]. Rollback requested by user.',
    )
    expect(await stacks.reason('undone', 'Bad', 'CREATE_FAILED')).toMatch(
      /^Resource handler returned message: ".* \(Service: Kms, Status Code: 400, Request ID: [\da-f-]{36}\)" \(RequestToken: [\da-f-]{36}, HandlerErrorCode: \w+\)$/,
    )
    const { Roles } = await (await iamClient(server)).send(new ListRolesCommand({}))
    expect(Roles?.filter(({ RoleName }) => RoleName?.startsWith('undone-'))).toEqual([])
    const { StackResourceDetail } = await stacks.client.send(
      new DescribeStackResourceCommand({ StackName: 'undone', LogicalResourceId: 'Key' }),
    )
    expect(StackResourceDetail?.ResourceStatus).toBe('DELETE_COMPLETE')
    const refused = await stackRefusal(stacks.update('undone', template))
    expect(refused.message).toMatch(/^Stack:arn:.* is in ROLLBACK_COMPLETE state and can not be updated\.$/)
    expect((await stacks.remove('undone')).StackStatus).toBe('DELETE_COMPLETE')
  })

  it('that cannot be changed is what it was', async () => {
    const first = { Resources: { Key: keyResource({ Description: 'one' }), Alias: aliasResource('alias/kept') } }
    await stacks.create('put-back', first)
    const made = await stacks.made('put-back')
    const second = {
      Resources: {
        Key: keyResource({ Description: 'two', EnableKeyRotation: true }),
        Alias: aliasResource('alias/moved', 'Other'),
        Other: keyResource(),
        Bad: impossible({ DependsOn: 'Alias' }),
      },
    }
    expect((await stacks.update('put-back', second)).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE')
    expect(await stacks.made('put-back')).toEqual(made)
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: made['Key'] }))
    expect(KeyMetadata).toMatchObject({ Description: 'one', KeyState: 'Enabled' })
    expect(await aliasNames()).toContain('alias/kept')
    expect(await aliasNames()).not.toContain('alias/moved')
    const { TemplateBody } = await stacks.client.send(new GetTemplateCommand({ StackName: 'put-back' }))
    expect(JSON.parse(TemplateBody ?? '')).toEqual(first)
    expect((await stacks.update('put-back', { Resources: { Key: keyResource() } })).StackStatus).toBe('UPDATE_COMPLETE')
  })

  it('of which a property can never change is what it was, and can be changed in another way', async () => {
    await stacks.create('fixed', { Resources: { Key: keyResource({ Description: 'one' }) } })
    const fixed = { Resources: { Key: keyResource({ Description: 'one', MultiRegion: true }) } }
    expect((await stacks.update('fixed', fixed)).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE')
    const other = { Resources: { Key: keyResource({ Description: 'two' }) } }
    expect((await stacks.update('fixed', other)).StackStatus).toBe('UPDATE_COMPLETE')
  })

  it('keeps what it was asked to keep', async () => {
    const retained = { DeletionPolicy: 'Retain' }
    const template = {
      Resources: {
        Kept: keyResource({}, retained),
        Born: keyResource({}, { DeletionPolicy: 'RetainExceptOnCreate', DependsOn: 'Kept' }),
        Bad: {
          ...impossible({ DependsOn: 'Born' }),
          Properties: { AliasName: 'alias/aws/x', TargetKeyId: { Ref: 'Kept' } },
        },
      },
    }
    await stacks.create('keeping', template)
    const events = await stacks.events('keeping')
    expect(events).toContain('Kept DELETE_SKIPPED')
    expect(events).toContain('Born DELETE_COMPLETE')
    await stacks.create('keeping-2', {
      Resources: {
        Kept: keyResource({}, retained),
        Alias: aliasResource('alias/keep', 'Kept', { UpdateReplacePolicy: 'Retain' }),
      },
    })
    const { Kept } = await stacks.made('keeping-2')
    await stacks.update('keeping-2', {
      Resources: { Kept: keyResource({}, retained), Alias: aliasResource('alias/keep2', 'Kept') },
    })
    expect(await aliasNames()).toEqual(expect.arrayContaining(['alias/keep', 'alias/keep2']))
    expect((await stacks.remove('keeping-2')).StackStatus).toBe('DELETE_COMPLETE')
    expect(await keyState(Kept)).toBe('Enabled')
  })

  it('that was left as it failed goes on, or is undone', async () => {
    const bad = { Resources: { Key: keyResource(), Bad: impossible() } }
    expect((await stacks.create('left', bad, { OnFailure: 'DO_NOTHING' })).StackStatus).toBe('CREATE_FAILED')
    const { Key } = await stacks.made('left')
    expect(await keyState(Key)).toBe('Enabled')
    const good = { Resources: { Key: keyResource(), Bad: aliasResource('alias/good') } }
    expect((await stacks.update('left', good)).StackStatus).toBe('UPDATE_COMPLETE')
    expect((await stacks.made('left'))['Key']).toBe(Key)
    const { StackId = '' } = await stacks.client.send(
      new CreateStackCommand({ StackName: 'thrown', TemplateBody: JSON.stringify(bad), OnFailure: 'DELETE' }),
    )
    expect((await stacks.settled(StackId)).StackStatus).toBe('DELETE_COMPLETE')
  })
})

describe('Stacks that share', () => {
  it('keep an export while somebody imports it', async () => {
    const exporting = (value: string) => ({
      Resources: { Key: keyResource({ Description: value }) },
      Outputs: { Out: { Value: value, Export: { Name: 'shared-value' } } },
    })
    const importing = { Resources: { Key: keyResource({ Description: { 'Fn::ImportValue': 'shared-value' } }) } }
    expect((await stacks.create('too-early', importing)).StackStatus).toBe('ROLLBACK_COMPLETE')
    expect(await stacks.reason('too-early', 'too-early', 'ROLLBACK_IN_PROGRESS')).toBe(
      'No export named shared-value found. Rollback requested by user.',
    )
    await stacks.create('exporter', exporting('one'))
    await stacks.create('importer', importing)
    const { Key } = await stacks.made('importer')
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: Key }))
    expect(KeyMetadata?.Description).toBe('one')
    const { Exports } = await stacks.client.send(new ListExportsCommand({}))
    expect(Exports).toContainEqual(expect.objectContaining({ Name: 'shared-value', Value: 'one' }))
    const imports = await stacks.client.send(new ListImportsCommand({ ExportName: 'shared-value' }))
    expect(imports.Imports).toEqual(['importer'])

    const twin = await stacks.create('twin', exporting('two'))
    expect(twin.StackStatus).toBe('ROLLBACK_COMPLETE')
    expect(await stacks.reason('twin', 'twin', 'ROLLBACK_IN_PROGRESS')).toBe(
      'Export with name shared-value is already exported by stack exporter. Rollback requested by user.',
    )
    const changed = await stacks.update('exporter', exporting('three'))
    expect(changed.StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE')
    const refused = await stackRefusal(stacks.remove('exporter'))
    expect(refused.message).toBe('Export shared-value cannot be deleted as it is in use by importer')
    await stacks.remove('importer')
    expect((await stacks.remove('exporter')).StackStatus).toBe('DELETE_COMPLETE')
  })
})

describe('A request for a stack', () => {
  const Resources = { Key: keyResource() }
  it.each([
    [
      'a type that is not here',
      { Bucket: { Type: 'AWS::S3::Bucket' } },
      /Unrecognized resource types: \[AWS::S3::Bucket\]/,
    ],
    [
      'a reference to nothing',
      { Key: keyResource({ Description: { Ref: 'Nobody' } }) },
      /Unresolved resource dependencies \[Nobody\]/,
    ],
  ])('is refused for %s, before anything is made', async (_, resources, message) => {
    const refused = await stackRefusal(stacks.create('never', { Resources: resources }))
    expect(refused.code).toBe('ValidationError')
    expect(refused.message).toMatch(message)
    await expect(stacks.client.send(new DescribeStacksCommand({ StackName: 'never' }))).rejects.toThrow(
      'does not exist',
    )
  })

  it.each([
    [
      'a template in S3',
      { TemplateBody: undefined, TemplateURL: 'https://s3.amazonaws.com/b/k' },
      /has no S3.*--template-body/,
    ],
    ['notifications', { NotificationARNs: ['arn:aws:sns:us-east-1:111122223333:topic'] }, /has no SNS/],
    [
      'a name that is none',
      { StackName: 'under_score' },
      /Value 'under_score' at 'stackName' failed to satisfy constraint/,
    ],
    [
      'two ways to fail',
      { DisableRollback: true, OnFailure: 'DELETE' as const },
      /either DisableRollback or OnFailure/,
    ],
  ])('is refused for %s', async (_, more, message) => {
    const refused = await stackRefusal(stacks.create('never', { Resources }, more))
    expect(refused).toMatchObject({ code: 'ValidationError', status: 400 })
    expect(refused.message).toMatch(message)
  })

  it('needs what IAM makes to be acknowledged', async () => {
    const refused = await stackRefusal(stacks.create('never', { Resources: { Role: role() } }, { Capabilities: [] }))
    expect(refused).toMatchObject({
      code: 'InsufficientCapabilitiesException',
      message: 'Requires capabilities : [CAPABILITY_IAM]',
    })
  })

  it('finds a name taken, and its own repetition done', async () => {
    const TemplateBody = JSON.stringify({ Resources })
    const ask = (ClientRequestToken?: string) =>
      stacks.client.send(new CreateStackCommand({ StackName: 'taken', TemplateBody, ClientRequestToken }))
    const { StackId } = await ask('token-1')
    await stacks.settled('taken')
    expect((await ask('token-1')).StackId).toBe(StackId)
    expect(await stackRefusal(ask())).toMatchObject({
      code: 'AlreadyExistsException',
      message: 'Stack [taken] already exists',
    })
    const reuse = stacks.client.send(new DeleteStackCommand({ StackName: 'taken', ClientRequestToken: 'token-1' }))
    expect(await stackRefusal(reuse)).toMatchObject({ code: 'TokenAlreadyExistsException' })
  })

  it('does not delete what is protected', async () => {
    await stacks.create('protected', { Resources }, { EnableTerminationProtection: true })
    expect((await stackRefusal(stacks.remove('protected'))).message).toBe(
      'Stack [protected] cannot be deleted while TerminationProtection is enabled',
    )
    await stacks.client.send(
      new UpdateTerminationProtectionCommand({ StackName: 'protected', EnableTerminationProtection: false }),
    )
    expect((await stacks.remove('protected')).StackStatus).toBe('DELETE_COMPLETE')
  })

  it('is about parameters, which are told but for those that are secret', async () => {
    const template = {
      Parameters: { Open: { Type: 'String' }, Secret: { Type: 'String', NoEcho: true } },
      Resources: { Key: keyResource({ Description: { 'Fn::Sub': '${Open}-${Secret}' } }) },
    }
    const Parameters = [
      { ParameterKey: 'Open', ParameterValue: 'o' },
      { ParameterKey: 'Secret', ParameterValue: 's3cret' },
    ]
    expect((await stackRefusal(stacks.create('never', template))).message).toBe(
      'Parameters: [Open, Secret] must have values',
    )
    const stack = await stacks.create('parameters', template, { Parameters })
    expect(stack.Parameters).toEqual([
      { ParameterKey: 'Open', ParameterValue: 'o' },
      { ParameterKey: 'Secret', ParameterValue: '****' },
    ])
    const { StackEvents } = await stacks.client.send(new DescribeStackEventsCommand({ StackName: 'parameters' }))
    expect(JSON.stringify(StackEvents)).toContain('o-****')
    expect(JSON.stringify(StackEvents)).not.toContain('s3cret')
    const kept = Parameters.map(({ ParameterKey }) => ({ ParameterKey, UsePreviousValue: true }))
    const [, secret] = kept
    await stacks.update('parameters', template, {
      Parameters: [{ ParameterKey: 'Open', ParameterValue: 'p' }, ...(secret === undefined ? [] : [secret])],
      UsePreviousTemplate: true,
      TemplateBody: undefined,
    })
    const { Key } = await stacks.made('parameters')
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: Key }))
    expect(KeyMetadata?.Description).toBe('p-s3cret')
  })

  it('is told what a template asks for', async () => {
    const TemplateBody = JSON.stringify({ Description: 'd', Resources: { Role: role() } })
    const { $metadata: _, ...answer } = await stacks.client.send(new ValidateTemplateCommand({ TemplateBody }))
    expect(answer).toMatchObject({ Description: 'd', Capabilities: ['CAPABILITY_IAM'] })
  })
})

describe('A replica', () => {
  it('is made in another Region, whose stack can be deleted while it is still waited for', async () => {
    const away = stacksOf(server, AWAY, await server.credentials())
    await stacks.create('primary', { Resources: { Key: keyResource({ MultiRegion: true }) } })
    const { Key } = await stacks.made('primary')
    const { Properties } = keyResource()
    const PrimaryKeyArn = `arn:aws:kms:${HOME}:111122223333:key/${Key}`
    const Replica = { Type: 'AWS::KMS::ReplicaKey', Properties: { ...(Properties as object), PrimaryKeyArn } }
    const stack = await away.create('replica', { Resources: { Replica } })
    expect(stack.StackStatus).toBe('CREATE_COMPLETE')
    expect((await away.made('replica'))['Replica']).toBe(Key)
    await away.remove('replica')

    await stacks.create('primary-2', { Resources: { Key: keyResource({ MultiRegion: true }) } })
    const { Key: second } = await stacks.made('primary-2')
    await pauseReplication(server, true)
    const TemplateBody = JSON.stringify({
      Resources: {
        Replica: {
          ...Replica,
          Properties: { ...Replica.Properties, PrimaryKeyArn: PrimaryKeyArn.replace(Key ?? '', second ?? '') },
        },
      },
    })
    const { StackId = '' } = await away.client.send(new CreateStackCommand({ StackName: 'waiting', TemplateBody }))
    await away.client.send(new DeleteStackCommand({ StackName: 'waiting' }))
    await pauseReplication(server, false)
    expect((await away.settled(StackId)).StackStatus).toBe('DELETE_COMPLETE')
  })

  it('that does not come in time is called off, and leaves nothing behind when it comes', async () => {
    const away = stacksOf(server, AWAY, await server.credentials())
    await stacks.create('primary-3', { Resources: { Key: keyResource({ MultiRegion: true }) } })
    const { Key = '' } = await stacks.made('primary-3')
    const { Properties } = keyResource()
    const PrimaryKeyArn = `arn:aws:kms:${HOME}:111122223333:key/${Key}`
    const Replica = { Type: 'AWS::KMS::ReplicaKey', Properties: { ...(Properties as object), PrimaryKeyArn } }
    const TemplateBody = JSON.stringify({ Resources: { Replica } })
    const first = { StackName: 'late', TemplateBody: JSON.stringify({ Resources: { Other: keyResource() } }) }
    // The replica is asked for, and is late.
    await drill(server, 'delay', [HOME, AWAY], { oneWay: true, delay: '1h' })
    await away.client.send(new CreateStackCommand({ StackName: 'timed', TemplateBody, TimeoutInMinutes: 1 }))
    await away.client.send(new CreateStackCommand(first))
    expect((await away.settled('late')).StackStatus).toBe('CREATE_COMPLETE')
    await advanceClock(server, '2m')
    await expect.poll(() => away.events('timed')).toContain('timed ROLLBACK_IN_PROGRESS')
    expect(await away.reason('timed', 'timed', 'ROLLBACK_IN_PROGRESS')).toBe(
      'Stack creation time exceeded the specified timeout. Rollback requested by user.',
    )
    await drill(server, 'heal')
    expect((await away.settled('timed')).StackStatus).toBe('ROLLBACK_COMPLETE')
    const kmsAway = await kmsClient(server, AWAY)
    const { KeyMetadata } = await kmsAway.send(new DescribeKeyCommand({ KeyId: Key }))
    expect(KeyMetadata?.KeyState).toBe('PendingDeletion')
  })

  it('is waited for in an update that can be cancelled', async () => {
    const away = stacksOf(server, AWAY, await server.credentials())
    await stacks.create('primary-4', { Resources: { Key: keyResource({ MultiRegion: true }) } })
    const { Key = '' } = await stacks.made('primary-4')
    const { Properties } = keyResource()
    const PrimaryKeyArn = `arn:aws:kms:${HOME}:111122223333:key/${Key}`
    const Replica = { Type: 'AWS::KMS::ReplicaKey', Properties: { ...(Properties as object), PrimaryKeyArn } }
    const StackName = 'cancelled'
    await away.create(StackName, { Resources: { Other: keyResource() } })
    const cancel = () => away.client.send(new CancelUpdateStackCommand({ StackName }))
    expect((await stackRefusal(cancel())).message).toBe('CancelUpdateStack cannot be called from current stack status')
    await pauseReplication(server, true)
    const TemplateBody = JSON.stringify({ Resources: { Other: keyResource(), Replica } })
    await away.client.send(new UpdateStackCommand({ StackName, TemplateBody }))
    const busy = await stackRefusal(away.client.send(new UpdateStackCommand({ StackName, TemplateBody })))
    expect(busy.message).toMatch(/^Stack:arn:.* is in UPDATE_IN_PROGRESS state and can not be updated\.$/)
    await cancel()
    await expect.poll(() => away.events(StackName)).toContain('cancelled UPDATE_ROLLBACK_IN_PROGRESS')
    await pauseReplication(server, false)
    expect((await away.settled(StackName)).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE')
    expect(Object.keys(await away.made(StackName))).toEqual(['Other'])
  })
})
