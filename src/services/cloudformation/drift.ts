import { stackArn, type ResourceDrift, type Stack, type StackResource, type StackStatus } from '../../domain/stack.ts'
import type { Call } from '../../kernel/call.ts'
import type { RegionWrites } from '../../storage/store.ts'
import { errors } from './errors.ts'
import { timeOf } from './views.ts'

/** What a look at resources has found. */
export interface DriftFound {
  /** By logical id. */
  readonly drifts: ReadonlyMap<string, ResourceDrift>
  /** Why it could not be finished; null where it could. */
  readonly failure: string | null
}

/**
 * Reads the resources of a stack as they are, by the caller's permissions.
 *
 * @param logicalIds null for all
 */
export type ReadDrift = (call: Call, stack: Stack, logicalIds: readonly string[] | null) => Promise<DriftFound>

const COMPARABLE: readonly StackStatus[] = [
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'UPDATE_ROLLBACK_FAILED',
]

/** @throws ValidationError where a stack is not in a state in which there is something to compare */
export function requireComparable(stack: Stack): void {
  if (COMPARABLE.includes(stack.status)) return
  throw errors.ValidationError(
    `Drift detection cannot be performed on stack [${stackArn(stack)}] while it is in ${stack.status} state.`,
  )
}

/** Keeps what was found with the resources. */
export async function keepDrift({ id }: Stack, drifts: DriftFound['drifts'], writes: RegionWrites): Promise<void> {
  for (const [logicalId, drift] of drifts) {
    const row = await writes.stackPart(id, 'resource', logicalId)
    if (row !== null) await writes.putStackPart(id, 'resource', logicalId, { ...row, drift })
  }
}

/** How a resource differs. */
export function resourceDriftView(stack: Stack, row: StackResource, drift: ResourceDrift) {
  return {
    StackId: stackArn(stack),
    LogicalResourceId: row.logicalId,
    PhysicalResourceId: row.made?.physicalId,
    ResourceType: row.type,
    ExpectedProperties: JSON.stringify(row.made?.properties ?? {}),
    ActualProperties: drift.actual === null ? undefined : JSON.stringify(drift.actual),
    PropertyDifferences: drift.differences,
    StackResourceDriftStatus: drift.status,
    Timestamp: timeOf(drift.checkedAt),
  }
}
