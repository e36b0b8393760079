import {
  ContinueUpdateRollbackCommand,
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DescribeChangeSetCommand,
  DescribeStackDriftDetectionStatusCommand,
  DescribeStackResourceDriftsCommand,
  DetectStackDriftCommand,
  ExecuteChangeSetCommand,
  ListChangeSetsCommand,
  RollbackStackCommand,
  SetStackPolicyCommand,
  type CreateChangeSetCommandInput,
} from '@aws-sdk/client-cloudformation'
import {
  DescribeKeyCommand,
  DisableKeyCommand,
  ScheduleKeyDeletionCommand,
  DeleteAliasCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kmsClient } from './kms-client.ts'
import { principalsOf } from './principals.ts'
import { aliasResource, keyResource, stackRefusal, stacksOf, type TestStacks, type TestTemplate } from './stacks.ts'
import { HOME, startTestServer, type TestServer } from '../server.ts'

let server: TestServer
let stacks: TestStacks
let kms: KMSClient

beforeAll(async () => {
  server = await startTestServer()
  stacks = stacksOf(server, HOME, await server.credentials())
  kms = await kmsClient(server, HOME)
})
afterAll(() => server[Symbol.asyncDispose]())

async function plan(StackName: string, Resources: TestTemplate, more: Partial<CreateChangeSetCommandInput> = {}) {
  const ChangeSetName = more.ChangeSetName ?? 'plan'
  const TemplateBody = JSON.stringify({ Resources })
  await stacks.client.send(new CreateChangeSetCommand({ StackName, ChangeSetName, TemplateBody, ...more }))
  return stacks.client.send(new DescribeChangeSetCommand({ StackName, ChangeSetName }))
}

const execute = (StackName: string, ChangeSetName = 'plan') =>
  stacks.client.send(new ExecuteChangeSetCommand({ StackName, ChangeSetName }))

describe('A change set', () => {
  it('makes a stack, and changes it', async () => {
    const created = await plan('planned', { Key: keyResource() }, { ChangeSetType: 'CREATE', Description: 'first' })
    expect(created).toMatchObject({ Status: 'CREATE_COMPLETE', ExecutionStatus: 'AVAILABLE', Description: 'first' })
    expect(created.Changes).toEqual([
      { Type: 'Resource', ResourceChange: expect.objectContaining({ Action: 'Add', LogicalResourceId: 'Key' }) },
    ])
    expect((await stacks.settled('planned')).StackStatus).toBe('REVIEW_IN_PROGRESS')
    await execute('planned')
    expect(await stacks.settled('planned')).toMatchObject({
      StackStatus: 'CREATE_COMPLETE',
      ChangeSetId: created.ChangeSetId,
    })
    expect(
      (await stacks.client.send(new DescribeChangeSetCommand({ ChangeSetName: created.ChangeSetId }))).ExecutionStatus,
    ).toBe('EXECUTE_COMPLETE')

    const next = { Key: keyResource({ Description: 'x' }), Alias: aliasResource('alias/planned') }
    const other = await plan('planned', next, { ChangeSetName: 'other' })
    const changed = await plan('planned', next)
    expect(
      changed.Changes?.map(({ ResourceChange: change }) => [
        change?.Action,
        change?.LogicalResourceId,
        change?.Replacement,
      ]),
    ).toEqual([
      ['Add', 'Alias', undefined],
      ['Modify', 'Key', 'False'],
    ])
    const { Summaries } = await stacks.client.send(new ListChangeSetsCommand({ StackName: 'planned' }))
    expect(Summaries?.map(({ ChangeSetName }) => ChangeSetName).toSorted()).toEqual(['other', 'plan'])
    await execute('planned')
    expect((await stacks.settled('planned')).StackStatus).toBe('UPDATE_COMPLETE')
    const late = await stackRefusal(execute('planned', 'other'))
    expect(late).toMatchObject({ code: 'InvalidChangeSetStatus' })
    expect(late.message).toContain(other.ChangeSetId)
    expect(late.message).toContain('execution status of [OBSOLETE]')
  })

  it('of no change fails, in the words that tools look for', async () => {
    await stacks.create('same', { Resources: { Key: keyResource() } })
    expect(await plan('same', { Key: keyResource() })).toMatchObject({
      Status: 'FAILED',
      StatusReason:
        "The submitted information didn't contain changes. Submit different information to create a change set.",
      ExecutionStatus: 'UNAVAILABLE',
    })
    const StackName = 'same'
    await stacks.client.send(new DeleteChangeSetCommand({ StackName, ChangeSetName: 'plan' }))
    const look = stacks.client.send(new DescribeChangeSetCommand({ StackName, ChangeSetName: 'plan' }))
    expect(await stackRefusal(look)).toEqual({
      code: 'ChangeSetNotFound',
      message: 'ChangeSet [plan] does not exist',
      status: 404,
    })
  })

  it.each([
    ['of a stack that does not exist', { ChangeSetType: 'UPDATE' as const }, 'Stack [nowhere] does not exist'],
    ['that imports', { ChangeSetType: 'IMPORT' as const }, 'Importing resources into a stack is not supported'],
    ['that adopts', { ChangeSetType: 'CREATE' as const, ImportExistingResources: true }, 'Importing resources'],
  ])('%s is refused', async (_, more, message) => {
    const refused = await stackRefusal(plan('nowhere', { Key: keyResource() }, more))
    expect(refused.code).toBe('ValidationError')
    expect(refused.message).toContain(message)
  })
})

describe('A stack policy', () => {
  it('protects resources from updates, but for one that brings another', async () => {
    await stacks.create('guarded', { Resources: { Key: keyResource(), Alias: aliasResource('alias/guarded') } })
    const deny = { Effect: 'Deny', Action: 'Update:*', Principal: '*', Resource: 'LogicalResourceId/Key' }
    const allow = { Effect: 'Allow', Action: 'Update:*', Principal: '*', Resource: '*' }
    const StackPolicyBody = JSON.stringify({ Statement: [deny, allow] })
    await stacks.client.send(new SetStackPolicyCommand({ StackName: 'guarded', StackPolicyBody }))
    const next = { Resources: { Key: keyResource({ Description: 'x' }), Alias: aliasResource('alias/guarded-2') } }
    const refused = await stackRefusal(stacks.update('guarded', next))
    expect(refused.message).toContain('does not allow [Update:Modify] for resource [LogicalResourceId/Key]')
    const more = { StackPolicyDuringUpdateBody: JSON.stringify({ Statement: allow }) }
    expect((await stacks.update('guarded', next, more)).StackStatus).toBe('UPDATE_COMPLETE')
    const broken = stacks.client.send(
      new SetStackPolicyCommand({ StackName: 'guarded', StackPolicyBody: '{"Statement":1}' }),
    )
    expect((await stackRefusal(broken)).message).toMatch(/^Error validating stack policy/)
  })
})

describe('An update that fails', () => {
  const bad = aliasResource('alias/aws/mine', 'Key', { DependsOn: 'Key' })

  it('and cannot be undone stands as it is, until it is told what to leave out', async () => {
    const { arn } = await (await principalsOf(server, HOME)).user()
    await stacks.create('stuck', { Resources: { Key: keyResource() } })
    const statement = { Effect: 'Allow', Principal: { AWS: arn }, Action: 'kms:*', Resource: '*' }
    const KeyPolicy = { Version: '2012-10-17', Statement: [statement] }
    const locked = keyResource({ KeyPolicy, BypassPolicyLockoutSafetyCheck: true })
    const failed = await stacks.update('stuck', { Resources: { Key: locked, Bad: bad } })
    expect(failed).toMatchObject({
      StackStatus: 'UPDATE_ROLLBACK_FAILED',
      StackStatusReason: 'The following resource(s) failed to update: [Key]. ',
    })
    const again = new ContinueUpdateRollbackCommand({ StackName: 'stuck' })
    await stacks.client.send(again)
    expect((await stacks.settled('stuck')).StackStatus).toBe('UPDATE_ROLLBACK_FAILED')
    const skip = (ResourcesToSkip: string[]) =>
      stacks.client.send(new ContinueUpdateRollbackCommand({ StackName: 'stuck', ResourcesToSkip }))
    expect((await stackRefusal(skip(['Bad']))).message).toContain('Bad cannot be skipped')
    await skip(['Key'])
    expect((await stacks.settled('stuck')).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE')
  })

  it('and is not to be undone can be tried again, or undone later', async () => {
    await stacks.create('paused', { Resources: { Key: keyResource({ Description: 'one' }) } })
    const { Key } = await stacks.made('paused')
    const next = (second: TestTemplate) => ({ Resources: { Key: keyResource({ Description: 'two' }), Second: second } })
    const failed = await stacks.update('paused', next(bad), { DisableRollback: true })
    expect(failed.StackStatus).toBe('UPDATE_FAILED')
    const good = next(aliasResource('alias/second'))
    expect((await stacks.update('paused', good, { DisableRollback: true })).StackStatus).toBe('UPDATE_COMPLETE')
    await stacks.update(
      'paused',
      { Resources: { Key: keyResource({ Description: 'three' }), Second: bad } },
      { DisableRollback: true },
    )
    await stacks.client.send(new RollbackStackCommand({ StackName: 'paused' }))
    expect((await stacks.settled('paused')).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE')
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: Key }))
    expect(KeyMetadata?.Description).toBe('two')
  })
})

describe('Drift', () => {
  it('is told of what was changed or taken away behind the back of a stack', async () => {
    const Resources = {
      Key: keyResource({ Description: 'as it was', Enabled: true }),
      Other: keyResource(),
      Alias: aliasResource('alias/drifts'),
    }
    await stacks.create('drifting', { Resources })
    const detect = async () => {
      const { StackDriftDetectionId } = await stacks.client.send(new DetectStackDriftCommand({ StackName: 'drifting' }))
      return stacks.client.send(new DescribeStackDriftDetectionStatusCommand({ StackDriftDetectionId }))
    }
    expect(await detect()).toMatchObject({
      DetectionStatus: 'DETECTION_COMPLETE',
      StackDriftStatus: 'IN_SYNC',
      DriftedStackResourceCount: 0,
    })
    const { Key, Other } = await stacks.made('drifting')
    await kms.send(new DisableKeyCommand({ KeyId: Key }))
    await kms.send(new DeleteAliasCommand({ AliasName: 'alias/drifts' }))
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: Other }))
    expect(await detect()).toMatchObject({ StackDriftStatus: 'DRIFTED', DriftedStackResourceCount: 3 })
    const { StackResourceDrifts } = await stacks.client.send(
      new DescribeStackResourceDriftsCommand({ StackName: 'drifting' }),
    )
    const found = StackResourceDrifts?.map((each) => [each.LogicalResourceId, each.StackResourceDriftStatus])
    expect(Object.fromEntries(found ?? [])).toEqual({ Alias: 'DELETED', Key: 'MODIFIED', Other: 'DELETED' })
    const [key] = (StackResourceDrifts ?? []).filter(({ LogicalResourceId }) => LogicalResourceId === 'Key')
    expect(key?.PropertyDifferences).toEqual([
      { PropertyPath: '/Enabled', ExpectedValue: 'true', ActualValue: 'false', DifferenceType: 'NOT_EQUAL' },
    ])
  })
})
