import type { PlannedDetail } from '../../../domain/stack.ts'
import type { Bound, BoundResource } from './bind.ts'
import { callsIn, referencesOf } from './calls.ts'
import { isEqual } from './equal.ts'
import type { StackResource } from './stack-resource.ts'
import { hasUnknown, type World } from './resolve-value.ts'
import type { TypeFacts } from './type-facts.ts'
import { member, type Members, type Value } from './value.ts'

type Cause = Omit<PlannedDetail, 'Target'>

interface Changing {
  readonly was: Bound
  readonly is: Bound
  readonly declared: BoundResource
  /** What the properties will be, as far as that is known. */
  readonly properties: Members
  readonly old: StackResource
  readonly world: World
  readonly withValues: boolean
}

/** The details of a resource's properties that change or may change. */
export function changesOfProperties(type: TypeFacts, changing: Changing): PlannedDetail[] {
  const { properties, old } = changing
  const names = [...new Set([...Object.keys(old.properties), ...Object.keys(properties)])]
  return names
    .filter((name) => !isEqual(member(old.properties, name), member(properties, name)))
    .flatMap((name) => {
      const Target: PlannedDetail['Target'] = {
        Attribute: 'Properties',
        Name: name,
        RequiresRecreation: type.createOnly.includes(name) ? 'Always' : 'Never',
        ...(changing.withValues && valuesOf(name, changing)),
      }
      return causesOf(name, changing).map((cause) => ({ Target, ...cause }))
    })
}

/** Whether the resource is made anew: surely, perhaps, or not. */
export function isRecreated(details: readonly PlannedDetail[]): 'True' | 'False' | 'Conditional' {
  const always = details.filter(({ Target }) => Target.RequiresRecreation === 'Always')
  if (always.length === 0) return 'False'
  return always.some(({ Evaluation }) => Evaluation === 'Static') ? 'True' : 'Conditional'
}

function valuesOf(name: string, { was, is, declared, old, properties }: Changing) {
  const before = member(old.properties, name)
  const after = member(properties, name)
  const path = ['Resources', declared.logicalId, 'Properties', name]
  const isHidden = [was, is].some((bound) => {
    const expression = member(bound.resources.get(declared.logicalId)?.properties ?? {}, name) ?? null
    return referencesIn(expression, path, bound).some(
      ({ kind, name }) => kind === 'name' && bound.template.parameters.get(name)?.noEcho === true,
    )
  })
  return {
    Path: `/Properties/${name}`,
    ...(before !== undefined && { BeforeValue: isHidden ? HIDDEN : shown(before) }),
    ...(after !== undefined && { AfterValue: isHidden ? HIDDEN : shown(after) }),
    AttributeChangeType: before === undefined ? 'Add' : after === undefined ? 'Remove' : 'Modify',
  } as const
}

/** What a parameter with NoEcho is shown as. */
const HIDDEN = '****'
/** What is not known yet, as CloudFormation shows it. */
const LATER = '{{changeSet:KNOWN_AFTER_APPLY}}'

function shown(value: Value | undefined): string {
  if (typeof value === 'symbol') return LATER
  if (typeof value === 'string') return value
  return JSON.stringify(value, (_name, each: Value) => (typeof each === 'symbol' ? LATER : each)) ?? ''
}

function causesOf(name: string, { was, is, declared, properties, world }: Changing): readonly Cause[] {
  const expression = member(declared.properties, name)
  const before = was.resources.get(declared.logicalId)
  const causes: Cause[] = []
  const isWritten = !isEqual(expression, member(before?.properties ?? {}, name))
  const isKnown = !hasUnknown(member(properties, name) ?? null)
  if (isWritten && isKnown) causes.push({ Evaluation: 'Static', ChangeSource: 'DirectModification' })
  const references = referencesIn(expression ?? null, ['Resources', declared.logicalId, 'Properties', name], is)
  for (const each of references) {
    if (each.kind === 'name' && is.template.parameters.has(each.name)) {
      if (was.parameters.get(each.name) === is.parameters.get(each.name)) continue
      causes.push({ Evaluation: 'Static', ChangeSource: 'ParameterReference', CausingEntity: each.name })
    } else if (is.resources.has(each.name) && !world.made.has(each.name)) {
      const entity = each.kind === 'attribute' ? `${each.name}.${each.attribute ?? '*'}` : each.name
      const ChangeSource = each.kind === 'attribute' ? 'ResourceAttribute' : 'ResourceReference'
      causes.push({ Evaluation: 'Dynamic', ChangeSource, CausingEntity: entity })
    }
  }
  // As CloudFormation does: that a value is written otherwise too cannot be told from a parameter's change.
  const isByParameter = causes.some(({ ChangeSource }) => ChangeSource === 'ParameterReference')
  if (causes.length === 0) return [{ Evaluation: isKnown ? 'Static' : 'Dynamic', ChangeSource: 'DirectModification' }]
  if (isByParameter && !isWritten) causes.push({ Evaluation: 'Dynamic', ChangeSource: 'DirectModification' })
  return causes
}

function referencesIn(value: Value, path: readonly string[], { template, conditions }: Bound) {
  const setting = { place: 'value', extensions: template.transforms.length > 0, conditions } as const
  return [...callsIn(value, path, setting)].flatMap(({ call, path }) => referencesOf(call, path))
}
