import type { Region } from './region.ts'
import type { CallerOrigin } from './session.ts'

/** How a stack stands, in CloudFormation's words. */
export type StackStatus =
  | 'REVIEW_IN_PROGRESS'
  | 'CREATE_IN_PROGRESS'
  | 'CREATE_COMPLETE'
  | 'CREATE_FAILED'
  | 'ROLLBACK_IN_PROGRESS'
  | 'ROLLBACK_COMPLETE'
  | 'ROLLBACK_FAILED'
  | 'UPDATE_IN_PROGRESS'
  | 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'
  | 'UPDATE_COMPLETE'
  | 'UPDATE_FAILED'
  | 'UPDATE_ROLLBACK_IN_PROGRESS'
  | 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS'
  | 'UPDATE_ROLLBACK_COMPLETE'
  | 'UPDATE_ROLLBACK_FAILED'
  | 'DELETE_IN_PROGRESS'
  | 'DELETE_COMPLETE'
  | 'DELETE_FAILED'

/** How one of its resources stands. */
export type ResourceStatus =
  | 'CREATE_IN_PROGRESS'
  | 'CREATE_COMPLETE'
  | 'CREATE_FAILED'
  | 'UPDATE_IN_PROGRESS'
  | 'UPDATE_COMPLETE'
  | 'UPDATE_FAILED'
  | 'UPDATE_ROLLBACK_IN_PROGRESS'
  | 'UPDATE_ROLLBACK_COMPLETE'
  | 'UPDATE_ROLLBACK_FAILED'
  | 'DELETE_IN_PROGRESS'
  | 'DELETE_COMPLETE'
  | 'DELETE_FAILED'
  | 'DELETE_SKIPPED'

/** A tag as CloudFormation spells it. */
export interface StackTag {
  readonly Key: string
  readonly Value: string
}

/** JSON, as it is kept. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [name: string]: Json
}

/** All that decides what a stack is made of. */
export interface Blueprint {
  /** As it was sent. */
  readonly template: string
  /** The value of every parameter, as text. */
  readonly parameters: Readonly<Record<string, string>>
  readonly shown: readonly ShownParameter[]
  readonly tags: readonly StackTag[]
  readonly capabilities: readonly string[]
  /** As whom the work is done, where not as the caller. */
  readonly roleArn: string | null
}

/** A parameter with its value, as answers show it: one that is not to be echoed is stars. */
export interface ShownParameter {
  readonly ParameterKey: string
  readonly ParameterValue: string
  readonly ResolvedValue?: string
}

/** An output of a stack. */
export interface StackOutput {
  readonly key: string
  readonly value: string
  readonly description: string | null
  readonly exportName: string | null
}

/** What is under way, or what went wrong last. */
export interface StackOperation {
  readonly id: string
  readonly kind: 'CREATE' | 'UPDATE' | 'DELETE' | 'ROLLBACK'
  readonly token: string | null
  /** Whose permissions count. */
  readonly origin: CallerOrigin
  readonly startedAt: number
  readonly onFailure: 'ROLLBACK' | 'DELETE' | 'DO_NOTHING'
  /** Whether what was made is deleted by a rollback whatever its DeletionPolicy says. */
  readonly retainExceptOnCreate: boolean
  /** Logical ids of resources that a deletion leaves alone. */
  readonly retain: readonly string[]
  /** Logical ids of resources that a rollback leaves as they are. */
  readonly skip: readonly string[]
  /** Whether a deletion leaves behind what cannot be deleted. */
  readonly isForced: boolean
  /** Null where it may take as long as it takes. */
  readonly timeoutAt: number | null
  /** Whether somebody has asked meanwhile that it be undone. */
  readonly isCancelled: boolean
  /** What somebody has asked for meanwhile in its place. */
  readonly next: StackOperation | null
  /** The other stores in which receipts of its calls are: `global`, or the name of a Region. */
  readonly stores: readonly string[]
}

/** A stack. */
export interface Stack {
  readonly account: string
  readonly region: Region
  /** The last part of its ARN. */
  readonly id: string
  readonly name: string
  readonly createdAt: number
  readonly updatedAt: number | null
  readonly deletedAt: number | null
  readonly status: StackStatus
  readonly statusReason: string | null
  readonly description: string | null
  readonly blueprint: Blueprint
  /** What the stack was when all was well the last time; null where it never was. */
  readonly stable: Blueprint | null
  readonly outputs: readonly StackOutput[]
  readonly disableRollback: boolean
  readonly timeoutMinutes: number | null
  readonly terminationProtection: boolean
  readonly policy: string | null
  /** The change set that was executed last. */
  readonly changeSetId: string | null
  readonly drift: { readonly status: 'NOT_CHECKED' | 'IN_SYNC' | 'DRIFTED'; readonly checkedAt: number | null }
  readonly operation: StackOperation | null
  /** The action and the token of the request that was accepted last. */
  readonly lastRequest: { readonly action: string; readonly token: string | null }
  /** How many events there were. */
  readonly events: number
}

/** A resource as it was made. */
export interface MadeResource {
  readonly type: string
  readonly physicalId: string
  /** The name that was chosen for it; null where it has none before it is made. */
  readonly name: string | null
  readonly properties: JsonObject
  /** The properties as events tell them, as JSON: parameters that are not to be echoed are stars. */
  readonly shown: string
  readonly attributes: Readonly<Record<string, string>>
  /** The stack's tags when it was made. */
  readonly tags: readonly StackTag[]
  readonly deletionPolicy: 'Delete' | 'Retain' | 'RetainExceptOnCreate'
  readonly updateReplacePolicy: 'Delete' | 'Retain'
  /** The logical ids of what it depends on. */
  readonly needs: readonly string[]
}

/** A resource that is to be deleted once the stack can do without it. */
export interface Leftover extends MadeResource {
  /** What has made it superfluous: another in its place, a template without it, a rollback, or that it was never whole. */
  readonly why: 'replaced' | 'removed' | 'undone' | 'failed'
}

/** A resource in a stack. */
export interface StackResource {
  readonly logicalId: string
  readonly type: string
  readonly status: ResourceStatus
  readonly statusReason: string | null
  readonly updatedAt: number
  readonly description: string | null
  readonly metadata: string | null
  /** Null where it is not made yet, or no more. */
  readonly made: MadeResource | null
  /** What it was when all was well the last time, where the operation has changed that. */
  readonly stable: { readonly made: MadeResource | null } | null
  readonly leftovers: readonly Leftover[]
  /** What an update that has failed half-way would have made of it. */
  readonly attempted: MadeResource | null
  /** The step that is under way. */
  readonly step: ResourceStep | null
  /** The operation that has brought it to where it should be. */
  readonly settledBy: string | null
  readonly drift: ResourceDrift | null
}

/** What is being done to a resource. It is written before it is begun, and is done again after a kill. */
export interface ResourceStep {
  readonly kind: 'CREATE' | 'UPDATE' | 'REPLACE' | 'DELETE' | 'UNDO'
  /** Its receipts are named by it. */
  readonly id: string
  readonly startedAt: number
  /** What it is to be; its physical id is known once it is made. */
  readonly target: Omit<MadeResource, 'physicalId' | 'attributes'>
  /** What it has made so far. */
  readonly physicalId: string | null
}

/** How a resource differs from what its template says. */
export interface ResourceDrift {
  readonly status: 'IN_SYNC' | 'MODIFIED' | 'DELETED' | 'NOT_CHECKED'
  readonly checkedAt: number
  readonly actual: JsonObject | null
  readonly differences: readonly PropertyDifference[]
}

/** One difference between what a stack says of a resource and what it is. */
export interface PropertyDifference {
  readonly PropertyPath: string
  readonly ExpectedValue: string
  readonly ActualValue: string
  readonly DifferenceType: 'ADD' | 'REMOVE' | 'NOT_EQUAL'
}

/** What is planned for a resource, as DescribeChangeSet tells it. */
export interface PlannedChange {
  readonly Action: 'Add' | 'Modify' | 'Remove'
  readonly PolicyAction?: 'Delete' | 'Retain' | 'ReplaceAndDelete' | 'ReplaceAndRetain'
  readonly LogicalResourceId: string
  readonly PhysicalResourceId?: string
  readonly ResourceType: string
  readonly Replacement?: 'True' | 'False' | 'Conditional'
  readonly Scope: readonly string[]
  readonly Details: readonly PlannedDetail[]
}

/** Why something of a resource changes. */
export interface PlannedDetail {
  readonly Target: {
    readonly Attribute: string
    readonly Name?: string
    readonly RequiresRecreation: 'Always' | 'Never'
    readonly Path?: string
    readonly BeforeValue?: string
    readonly AfterValue?: string
    readonly AttributeChangeType?: 'Add' | 'Remove' | 'Modify'
  }
  readonly Evaluation: 'Static' | 'Dynamic'
  readonly ChangeSource: 'ParameterReference' | 'ResourceReference' | 'ResourceAttribute' | 'DirectModification'
  readonly CausingEntity?: string
}

/** One thing that happened to a stack or to a resource of it. */
export interface StackEvent {
  readonly id: string
  readonly at: number
  readonly logicalId: string
  readonly physicalId: string
  readonly type: string
  readonly status: string
  readonly reason: string | null
  /** The resolved properties, as JSON. */
  readonly properties: string | null
  readonly token: string | null
}

/** Changes that are planned, to be looked at before they are made. */
export interface ChangeSet {
  readonly id: string
  readonly name: string
  readonly description: string | null
  readonly type: 'CREATE' | 'UPDATE'
  readonly createdAt: number
  readonly status: 'CREATE_COMPLETE' | 'FAILED'
  readonly statusReason: string | null
  /** What came of its execution, the stack tells. */
  readonly execution: 'AVAILABLE' | 'UNAVAILABLE' | 'OBSOLETE' | 'EXECUTED'
  readonly blueprint: Blueprint
  readonly changes: readonly PlannedChange[]
  readonly onStackFailure: 'ROLLBACK' | 'DELETE' | 'DO_NOTHING' | null
}

/** One look for drift. */
export interface DriftDetection {
  readonly id: string
  readonly status: 'DETECTION_COMPLETE' | 'DETECTION_IN_PROGRESS' | 'DETECTION_FAILED'
  readonly statusReason: string | null
  readonly drift: 'IN_SYNC' | 'DRIFTED' | null
  readonly drifted: number
  readonly at: number
}

/** The tie of an export to its stack, or of an import to the stack that imports. */
export interface StackLink {
  readonly account: string
  readonly kind: 'export' | 'import'
  readonly name: string
  readonly stackId: string
  readonly stackName: string
  /** Of an export. */
  readonly value: string
}

/** The ARN of a stack, or, with `*` for its id, of any of that name. */
export function stackArn({ region, account, name, id }: Pick<Stack, 'region' | 'account' | 'name' | 'id'>): string {
  return `arn:aws:cloudformation:${region}:${account}:stack/${name}/${id}`
}

/** The ARN of a change set. */
export function changeSetArn({ region, account }: Pick<Stack, 'region' | 'account'>, name: string, id: string): string {
  return `arn:aws:cloudformation:${region}:${account}:changeSet/${name}/${id}`
}

/** Says whether something is being done to a stack. */
export function isBusy({ status }: Pick<Stack, 'status'>): boolean {
  return status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS'
}
