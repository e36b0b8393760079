import {
  changeSetArn,
  stackArn,
  type ChangeSet,
  type Stack,
  type StackEvent,
  type StackLink,
  type StackResource,
} from '../../domain/stack.ts'

/** A time as CloudFormation answers with it. */
export function timeOf(at: number): string {
  return new Date(at).toISOString()
}

/** A member where there is something to tell. */
function optional<Value>(name: string, value: Value | null): { readonly [name: string]: Value } {
  return value === null ? {} : { [name]: value }
}

/** A stack, as DescribeStacks tells of it. */
export function stackView(stack: Stack) {
  const { blueprint } = stack
  return {
    StackId: stackArn(stack),
    StackName: stack.name,
    ...optional('ChangeSetId', stack.changeSetId),
    ...optional('Description', stack.description),
    ...(blueprint.shown.length > 0 && { Parameters: blueprint.shown }),
    ...timesOf(stack),
    RollbackConfiguration: {},
    StackStatus: stack.status,
    ...optional('StackStatusReason', stack.statusReason),
    DisableRollback: stack.disableRollback,
    NotificationARNs: [],
    ...optional('TimeoutInMinutes', stack.timeoutMinutes),
    ...(blueprint.capabilities.length > 0 && { Capabilities: blueprint.capabilities }),
    ...(stack.outputs.length > 0 && { Outputs: stack.outputs.map(outputView) }),
    ...optional('RoleARN', blueprint.roleArn),
    Tags: blueprint.tags,
    EnableTerminationProtection: stack.terminationProtection,
    DriftInformation: driftOf(stack),
  }
}

/** A stack, as ListStacks tells of it. */
export function stackSummary(stack: Stack) {
  return {
    StackId: stackArn(stack),
    StackName: stack.name,
    ...optional('TemplateDescription', stack.description),
    ...timesOf(stack),
    StackStatus: stack.status,
    ...optional('StackStatusReason', stack.statusReason),
    DriftInformation: driftOf(stack),
  }
}

function timesOf({ createdAt, updatedAt, deletedAt }: Stack) {
  return {
    CreationTime: timeOf(createdAt),
    ...(deletedAt !== null && { DeletionTime: timeOf(deletedAt) }),
    ...(updatedAt !== null && { LastUpdatedTime: timeOf(updatedAt) }),
  }
}

function driftOf({ drift: { status, checkedAt } }: Stack) {
  return { StackDriftStatus: status, ...(checkedAt !== null && { LastCheckTimestamp: timeOf(checkedAt) }) }
}

function outputView({ key, value, description, exportName }: Stack['outputs'][number]) {
  return {
    OutputKey: key,
    OutputValue: value,
    ...optional('Description', description),
    ...optional('ExportName', exportName),
  }
}

/** An event. */
export function eventView(stack: Stack, event: StackEvent) {
  return {
    StackId: stackArn(stack),
    EventId: event.id,
    StackName: stack.name,
    LogicalResourceId: event.logicalId,
    PhysicalResourceId: event.physicalId,
    ResourceType: event.type,
    Timestamp: timeOf(event.at),
    ResourceStatus: event.status,
    ...optional('ResourceStatusReason', event.reason),
    ...optional('ResourceProperties', event.properties),
    ...optional('ClientRequestToken', event.token),
  }
}

/** A resource, as ListStackResources tells of it. */
export function resourceSummary(row: StackResource) {
  return {
    ...identityOf(row),
    LastUpdatedTimestamp: timeOf(row.updatedAt),
    ...statusOf(row),
    DriftInformation: resourceDrift(row),
  }
}

/** A resource, as DescribeStackResources tells of it. */
export function resourceView(stack: Stack, row: StackResource) {
  return {
    StackName: stack.name,
    StackId: stackArn(stack),
    ...identityOf(row),
    Timestamp: timeOf(row.updatedAt),
    ...statusOf(row),
    DriftInformation: resourceDrift(row),
  }
}

/** A resource, as DescribeStackResource tells of it. */
export function resourceDetail(stack: Stack, row: StackResource) {
  return {
    StackName: stack.name,
    StackId: stackArn(stack),
    ...identityOf(row),
    LastUpdatedTimestamp: timeOf(row.updatedAt),
    ...statusOf(row),
    ...optional('Metadata', row.metadata),
    DriftInformation: resourceDrift(row),
  }
}

function identityOf({ logicalId, made, step, type }: StackResource) {
  return {
    LogicalResourceId: logicalId,
    ...optional('PhysicalResourceId', made?.physicalId ?? step?.physicalId ?? null),
    ResourceType: type,
  }
}

function statusOf({ status, statusReason }: StackResource) {
  return { ResourceStatus: status, ...optional('ResourceStatusReason', statusReason) }
}

function resourceDrift({ drift }: StackResource) {
  return {
    StackResourceDriftStatus: drift?.status ?? 'NOT_CHECKED',
    ...(drift !== null && { LastCheckTimestamp: timeOf(drift.checkedAt) }),
  }
}

/** A change set, as ListChangeSets tells of it. */
export function changeSetSummary(stack: Stack, changeSet: ChangeSet) {
  return {
    StackId: stackArn(stack),
    StackName: stack.name,
    ChangeSetId: changeSetArn(stack, changeSet.name, changeSet.id),
    ChangeSetName: changeSet.name,
    ExecutionStatus: executionOf(stack, changeSet),
    Status: changeSet.status,
    ...optional('StatusReason', changeSet.statusReason),
    CreationTime: timeOf(changeSet.createdAt),
    ...optional('Description', changeSet.description),
    IncludeNestedStacks: false,
    ImportExistingResources: false,
  }
}

function executionOf(stack: Stack, { execution }: ChangeSet): string {
  if (execution !== 'EXECUTED') return execution
  if (stack.operation !== null) return 'EXECUTE_IN_PROGRESS'
  const isDone = stack.status === 'CREATE_COMPLETE' || stack.status === 'UPDATE_COMPLETE'
  return isDone ? 'EXECUTE_COMPLETE' : 'EXECUTE_FAILED'
}

/** A change set with what it is made from. */
export function changeSetView(stack: Stack, changeSet: ChangeSet) {
  const { blueprint } = changeSet
  return {
    ...changeSetSummary(stack, changeSet),
    ...(blueprint.shown.length > 0 && { Parameters: blueprint.shown }),
    NotificationARNs: [],
    RollbackConfiguration: {},
    Capabilities: blueprint.capabilities,
    Tags: blueprint.tags,
    ...optional('OnStackFailure', changeSet.onStackFailure),
  }
}

/** An export. */
export function exportView({ region }: { readonly region: Stack['region'] }, link: StackLink) {
  const { account, stackName: name, stackId: id } = link
  return { ExportingStackId: stackArn({ region, account, name, id }), Name: link.name, Value: link.value }
}
