import { stackArn, type PlannedChange, type Stack, type StackStatus } from '../../domain/stack.ts'
import type { RegionReads } from '../../storage/store.ts'
import { draftOfBlueprint, type Draft } from './draft.ts'
import { errors } from './errors.ts'
import { planChanges } from './template/plan.ts'
import { findType } from './types/index.ts'
import { resolveImports } from './worker/links.ts'

export const NO_UPDATES = 'No updates are to be performed.'

/** From these an update begins. */
const UPDATABLE: readonly StackStatus[] = [
  'CREATE_COMPLETE',
  'CREATE_FAILED',
  'UPDATE_COMPLETE',
  'UPDATE_FAILED',
  'UPDATE_ROLLBACK_COMPLETE',
]

/** What a draft would change. */
export interface Plan {
  readonly changes: readonly PlannedChange[]
  readonly hasChanges: boolean
}

/** @throws ValidationError where a stack has to come to rest, or to be deleted, first */
export function requireUpdatable(stack: Stack): void {
  if (UPDATABLE.includes(stack.status)) return
  throw errors.ValidationError(`Stack:${stackArn(stack)} is in ${stack.status} state and can not be updated.`)
}

/**
 * Plans what a draft changes in a stack.
 *
 * @throws ValidationError where it changes the type of a resource, or imports what nobody exports
 */
export async function planOf(stack: Stack, draft: Draft, reads: RegionReads, withValues = false): Promise<Plan> {
  const rows = await reads.stackParts(stack.id, 'resource', null)
  const made = new Map(rows.flatMap((row) => (row.made === null ? [] : [[row.logicalId, row.made] as const])))
  const imports = await resolveImports(stack, draft.bound.imports, reads)
  const isNew = stack.blueprint.template === ''
  const before = isNew
    ? null
    : {
        bound: draftOfBlueprint(stack.blueprint, stack).bound,
        tags: stack.blueprint.tags,
        resources: made,
        outputs: stack.outputs,
      }
  const after = { bound: draft.bound, tags: draft.blueprint.tags, imports }
  const { changes, hasChanges } = planChanges(before, after, findType, withValues)
  // Where the last update has not come to its end, another begins whatever it changes.
  const isUnfinished = stack.status === 'UPDATE_FAILED' || stack.status === 'CREATE_FAILED'
  return { changes, hasChanges: hasChanges || isUnfinished }
}
