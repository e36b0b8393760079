import { acceptProperties } from './accept-properties.ts'
import type { Bound, BoundResource } from './bind.ts'
import type { PlannedChange, PlannedDetail } from '../../../domain/stack.ts'
import { changesOfProperties, isRecreated } from './plan-details.ts'
import { isEqual } from './equal.ts'
import { ValidationError } from './errors.ts'
import { resolveProperties, type Output } from './resolve.ts'
import { resolveValue, type World } from './resolve-value.ts'
import type { StackResource } from './stack-resource.ts'
import type { FindType, TypeFacts } from './type-facts.ts'
import { member, scalarText, type Members, type Value } from './value.ts'

export type StackTags = readonly { readonly Key: string; readonly Value: string }[]

/** What a stack is now. */
export interface StackBefore {
  readonly bound: Bound
  readonly tags: StackTags
  /** By logical id. */
  readonly resources: ReadonlyMap<string, StackResource>
  readonly outputs: readonly Output[]
}

/** What it is to become. */
export interface StackAfter {
  readonly bound: Bound
  readonly tags: StackTags
  /** The exports that it uses. */
  readonly imports: World['imports']
}

export interface Plan {
  /** By ascending logical id. */
  readonly changes: readonly PlannedChange[]
  /** Whether anything changes, outputs and tags included. Where not: "No updates are to be performed." */
  readonly hasChanges: boolean
}

/**
 * What an update would do, as far as that can be known before it is done.
 *
 * @param before null where the stack is to be made
 * @param withValues whether details say the values before and after (IncludePropertyValues)
 * @throws ValidationError where properties cannot be accepted, or a resource would change its type
 */
export function planChanges(
  before: StackBefore | null,
  after: StackAfter,
  findType: FindType,
  withValues = false,
): Plan {
  const made = new Map(before?.resources)
  const world: World = { made, imports: after.imports }
  const changes: PlannedChange[] = []
  for (const [logicalId, declared] of after.bound.resources) {
    const type = requireType(declared.type, findType)
    const properties = acceptProperties(type, logicalId, resolveProperties(after.bound, logicalId, world))
    const old = before?.resources.get(logicalId)
    if (before === null || old === undefined) {
      changes.push({ Action: 'Add', LogicalResourceId: logicalId, ResourceType: declared.type, Scope: [], Details: [] })
      continue
    }
    if (old.type !== declared.type) throw retyped(before, after)
    const details = detailsOf(type, declared, properties, old, { before, after, world, withValues })
    if (details.length === 0) continue
    const change = modification(declared, old, details)
    // Its new id and attributes are not known, so that neither is what depends on them.
    if (change.Replacement !== 'False') made.delete(logicalId)
    changes.push(change)
  }
  for (const [logicalId, old] of before?.resources ?? []) {
    if (after.bound.resources.has(logicalId)) continue
    const policy = before?.bound.resources.get(logicalId)?.deletionPolicy ?? 'Delete'
    changes.push({
      Action: 'Remove',
      PolicyAction: policy === 'Delete' ? 'Delete' : 'Retain',
      LogicalResourceId: logicalId,
      PhysicalResourceId: old.physicalId,
      ResourceType: old.type,
      Scope: [],
      Details: [],
    })
  }
  return {
    changes: changes.toSorted((a, b) => (a.LogicalResourceId < b.LogicalResourceId ? -1 : 1)),
    hasChanges:
      changes.length > 0 || before === null || !isEqual(before.tags, after.tags) || outputsChange(before, after, world),
  }
}

/** Whether a resource has to be made anew to become what it is to be. Both are accepted properties. */
export function needsReplacement({ createOnly }: TypeFacts, before: Members, after: Members): boolean {
  return createOnly.some((name) => !isEqual(member(before, name), member(after, name)))
}

/**
 * Of a resource that has to be made anew: refuses it where the new one would have the name of the old one, which is
 * still there.
 */
export function requireRenamed({ nameProperty }: TypeFacts, before: Members, after: Members): void {
  const name = nameProperty === null ? undefined : member(after, nameProperty)
  if (nameProperty === null || typeof name !== 'string' || member(before, nameProperty) !== name) return
  throw ValidationError(
    'CloudFormation cannot update a stack when a custom-named resource requires replacing. ' +
      `Rename ${name} and update the stack again.`,
  )
}

function requireType(name: string, findType: FindType): TypeFacts {
  const type = findType(name)
  if (type === undefined) throw new Error(`INVARIANT: ${name} is a type that was checked`)
  return type
}

function retyped(before: StackBefore, after: StackAfter) {
  const names = [...after.bound.resources].flatMap(([name, { type }]) => {
    const old = before.resources.get(name)
    return old === undefined || old.type === type ? [] : [name]
  })
  return ValidationError(
    'Update of resource type is not permitted. The new template modifies resource type of the following resources: ' +
      `[${names.join(', ')}]`,
  )
}

interface Update {
  readonly before: StackBefore
  readonly after: StackAfter
  readonly world: World
  readonly withValues: boolean
}

function detailsOf(
  type: TypeFacts,
  declared: BoundResource,
  properties: Members,
  old: StackResource,
  { before, after, world, withValues }: Update,
): readonly PlannedDetail[] {
  const was = before.bound.resources.get(declared.logicalId)
  const details = changesOfProperties(type, {
    was: before.bound,
    is: after.bound,
    declared,
    properties,
    old,
    world,
    withValues,
  })
  if (type.tagsProperty !== null && !isEqual(before.tags, after.tags)) details.push(attributeChange('Tags'))
  if (was === undefined) return details
  if (!isEqual(was.metadata, declared.metadata)) details.push(attributeChange('Metadata'))
  if (was.deletionPolicy !== declared.deletionPolicy) details.push(attributeChange('DeletionPolicy'))
  if (was.updateReplacePolicy !== declared.updateReplacePolicy) details.push(attributeChange('UpdateReplacePolicy'))
  return details
}

function attributeChange(attribute: string): PlannedDetail {
  return {
    Target: { Attribute: attribute, RequiresRecreation: 'Never' },
    Evaluation: 'Static',
    ChangeSource: 'DirectModification',
  }
}

function modification(declared: BoundResource, old: StackResource, details: readonly PlannedDetail[]): PlannedChange {
  const recreation = isRecreated(details)
  const policy = declared.updateReplacePolicy === 'Retain' ? 'ReplaceAndRetain' : 'ReplaceAndDelete'
  return {
    Action: 'Modify',
    ...(recreation !== 'False' && { PolicyAction: policy }),
    LogicalResourceId: declared.logicalId,
    PhysicalResourceId: old.physicalId,
    ResourceType: declared.type,
    Replacement: recreation,
    Scope: [...new Set(details.map(({ Target }) => Target.Attribute))],
    Details: details,
  }
}

function outputsChange({ outputs }: StackBefore, { bound }: StackAfter, world: World): boolean {
  if (outputs.length !== bound.outputs.size) return true
  return outputs.some(({ key, value, description, exportName }) => {
    const declared = bound.outputs.get(key)
    if (declared === undefined || declared.description !== description) return true
    const textOf = (value: Value | null) =>
      value === null ? null : scalarText(resolveValue(value, ['Outputs', key], { ...bound, world }))
    return textOf(declared.value) !== value || textOf(declared.exportName) !== exportName
  })
}
