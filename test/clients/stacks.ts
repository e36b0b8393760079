import {
  CloudFormationClient,
  CloudFormationServiceException,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
  type CreateStackCommandInput,
  type Stack,
  type UpdateStackCommandInput,
} from '@aws-sdk/client-cloudformation'
import { setTimeout } from 'node:timers/promises'
import type { TestPrincipal } from './principals.ts'

/** What a template has, as an object. */
export type TestTemplate = Readonly<Record<string, unknown>>

/** AWS's own client for CloudFormation, and what tests ask of it again and again. */
export interface TestStacks {
  readonly client: CloudFormationClient
  /** Begins to make a stack, and waits until it stands still. */
  create(name: string, template: TestTemplate, more?: Partial<CreateStackCommandInput>): Promise<Stack>
  update(name: string, template: TestTemplate, more?: Partial<UpdateStackCommandInput>): Promise<Stack>
  /** Deletes a stack, and gives it as it is found by its ARN. */
  remove(name: string): Promise<Stack>
  /** Waits until nothing is done to a stack. */
  settled(name: string): Promise<Stack>
  /** `<logical id> <status>` of each event, the oldest first. */
  events(name: string): Promise<readonly string[]>
  /** The reason that the events give for what a resource, or the stack, is. */
  reason(name: string, logicalId: string, status: string): Promise<string | undefined>
  /** Physical ids by logical ids. */
  made(name: string): Promise<Readonly<Record<string, string>>>
}

/** Stacks in a Region, as somebody. */
export function stacksOf(
  { url }: { readonly url: string },
  region: string,
  credentials: TestPrincipal['credentials'],
): TestStacks {
  const client = new CloudFormationClient({ region, endpoint: url, credentials, maxAttempts: 1 })
  const describe = async (name: string): Promise<Stack> => {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }))
    const [stack] = Stacks ?? []
    if (stack === undefined) throw new Error(`There is no stack ${name}.`)
    return stack
  }
  const settled = async (name: string): Promise<Stack> => {
    const deadline = Date.now() + 60_000
    for (;;) {
      const stack = await describe(name)
      if (stack.StackStatus === 'REVIEW_IN_PROGRESS' || stack.StackStatus?.endsWith('_IN_PROGRESS') !== true)
        return stack
      if (Date.now() > deadline) throw new Error(`The stack ${name} is still in ${stack.StackStatus}.`)
      await setTimeout(20)
    }
  }
  const events = async (name: string) => {
    const found = []
    let NextToken: string | undefined
    do {
      const page = await client.send(new DescribeStackEventsCommand({ StackName: name, NextToken }))
      found.push(...(page.StackEvents ?? []))
      NextToken = page.NextToken
    } while (NextToken !== undefined)
    return found.toReversed()
  }
  return {
    client,
    settled,
    async create(StackName, template, more = {}) {
      const Capabilities = ['CAPABILITY_NAMED_IAM'] as const
      const TemplateBody = JSON.stringify(template)
      await client.send(new CreateStackCommand({ StackName, TemplateBody, Capabilities: [...Capabilities], ...more }))
      return settled(StackName)
    },
    async update(StackName, template, more = {}) {
      const TemplateBody = JSON.stringify(template)
      await client.send(
        new UpdateStackCommand({ StackName, TemplateBody, Capabilities: ['CAPABILITY_NAMED_IAM'], ...more }),
      )
      return settled(StackName)
    },
    async remove(name) {
      const { StackId = '' } = await describe(name)
      await client.send(new DeleteStackCommand({ StackName: name }))
      return settled(StackId)
    },
    events: async (name) =>
      (await events(name)).map(({ LogicalResourceId, ResourceStatus }) => `${LogicalResourceId} ${ResourceStatus}`),
    async reason(name, logicalId, status) {
      const mine = (await events(name)).filter(
        ({ LogicalResourceId, ResourceStatus }) => LogicalResourceId === logicalId && ResourceStatus === status,
      )
      return mine.findLast(({ ResourceStatusReason }) => ResourceStatusReason !== undefined)?.ResourceStatusReason
    },
    async made(name) {
      const { StackResources } = await client.send(new DescribeStackResourcesCommand({ StackName: name }))
      const there = (StackResources ?? []).filter(({ ResourceStatus }) => ResourceStatus !== 'DELETE_COMPLETE')
      return Object.fromEntries(
        there.map(({ LogicalResourceId, PhysicalResourceId }) => [LogicalResourceId, PhysicalResourceId ?? '']),
      )
    },
  }
}

/** What a request to CloudFormation is refused with: `code` as the wire spells it. */
export async function stackRefusal(
  request: Promise<unknown>,
): Promise<{ code: string; message: string; status: number }> {
  try {
    await request
  } catch (error) {
    if (!(error instanceof CloudFormationServiceException)) throw error
    const { Code, message } = error as { Code?: string; message: string }
    return { code: Code ?? error.name, message, status: error.$metadata.httpStatusCode ?? 0 }
  }
  throw new Error('The request was not refused.')
}

/** A key that its account can use, as a resource of a template. */
export function keyResource(properties: TestTemplate = {}, more: TestTemplate = {}): TestTemplate {
  const statement = { Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 'kms:*', Resource: '*' }
  const KeyPolicy = { Version: '2012-10-17', Statement: [statement] }
  return { Type: 'AWS::KMS::Key', Properties: { KeyPolicy, ...properties }, ...more }
}

/** An alias of a key of the same template. */
export function aliasResource(AliasName: string, key = 'Key', more: TestTemplate = {}): TestTemplate {
  return { Type: 'AWS::KMS::Alias', Properties: { AliasName, TargetKeyId: { Ref: key } }, ...more }
}
