import { callsIn, referencesOf, type Setting } from './calls.ts'
import { ValidationError } from './errors.ts'
import { inOrder, refuseCircle } from './graph.ts'
import type { ParameterValues } from './parameters.ts'
import { written, type Path } from './paths.ts'
import type { Surroundings } from './pseudo-parameters.ts'
import { EMPTY_WORLD, nameOfImport, resolveValue, type Scope } from './resolve-value.ts'
import type { OutputDeclaration, ResourceDeclaration, Template } from './template.ts'
import { scalarText, type Value } from './value.ts'

/** A template with the values of its parameters, for one stack: its conditions are decided. */
export interface Bound {
  readonly template: Template
  readonly surroundings: Surroundings
  readonly parameters: ParameterValues
  readonly conditions: ReadonlyMap<string, boolean>
  /** Those whose condition holds, each after what it needs. */
  readonly resources: ReadonlyMap<string, BoundResource>
  /** Those whose condition holds. */
  readonly outputs: ReadonlyMap<string, OutputDeclaration>
  /** The names of the exports of other stacks that it uses. */
  readonly imports: readonly string[]
}

export interface BoundResource extends ResourceDeclaration {
  readonly logicalId: string
  /** The logical ids of what has to be there before it, by the template's order. */
  readonly needs: readonly string[]
}

/**
 * Decides a template's conditions for one stack, and finds the order of its resources.
 *
 * @throws ValidationError where a rule fails, something refers to what is not made, or resources need each other
 */
export function bindTemplate(template: Template, parameters: ParameterValues, surroundings: Surroundings): Bound {
  const start: Scope = { template, parameters, surroundings, conditions: new Map(), world: EMPTY_WORLD }
  const conditions = decide(start)
  const scope = { ...start, conditions }
  assertRules(scope)

  const holds = ({ condition }: { readonly condition: string | null }) =>
    condition === null || conditions.get(condition) === true
  const present = [...template.resources].filter(([, declared]) => holds(declared))
  const there = new Set(present.map(([name]) => name))
  const needs = new Map(present.map(([name, declared]) => [name, needsOf(name, declared, there, scope)]))
  refuseCircle(needs)
  const outputs = [...template.outputs].filter(([, declared]) => holds(declared))
  for (const [name, { value, exportName }] of outputs) {
    named([value, exportName ?? []], ['Outputs', name], there, scope)
  }
  const resources = inOrder(needs).map((logicalId): readonly [string, BoundResource] => {
    const declared = template.resources.get(logicalId)
    if (declared === undefined) throw new Error(`INVARIANT: ${logicalId} is in the template`)
    return [logicalId, { ...declared, logicalId, needs: [...(needs.get(logicalId) ?? [])] }]
  })
  const used: readonly (readonly [Value, Path])[] = [
    ...resources.map(([name, { properties }]) => [properties, ['Resources', name, 'Properties']] as const),
    ...outputs.map(
      ([name, { value, exportName }]) =>
        [
          [value, exportName ?? []],
          ['Outputs', name],
        ] as const,
    ),
  ]
  const imports = new Set(used.flatMap(([value, path]) => importsIn(value, path, scope)))
  return {
    template,
    surroundings,
    parameters,
    conditions,
    resources: new Map(resources),
    outputs: new Map(outputs),
    imports: [...imports],
  }
}

function settingOf({ template, conditions }: Scope, place: Setting['place'] = 'value'): Setting {
  return { place, extensions: template.transforms.length > 0, conditions }
}

/** Each condition after those that it is made of. */
function decide(scope: Scope): ReadonlyMap<string, boolean> {
  const { conditions } = scope.template
  const decided = new Map<string, boolean>()
  const undecided: Setting = { ...settingOf(scope, 'condition'), conditions: null }
  const needs = [...conditions].map(([name, value]) => {
    const calls = [...callsIn(value, ['Conditions', name], undecided)]
    const references = calls.flatMap(({ call, path }) => referencesOf(call, path))
    return [name, new Set(references.flatMap(({ kind, name }) => (kind === 'condition' ? [name] : [])))] as const
  })
  for (const name of inOrder(new Map(needs))) {
    const value = conditions.get(name) ?? null
    const holds = resolveValue(value, ['Conditions', name], { ...scope, conditions: decided }, 'condition')
    decided.set(name, holds === true)
  }
  return decided
}

function assertRules(scope: Scope): void {
  for (const [name, { condition, assertions }] of scope.template.rules) {
    const path = ['Rules', name]
    const isTrue = (value: Value) => scalarText(resolveValue(value, path, scope, 'rule')) === 'true'
    if (condition !== null && !isTrue(condition)) continue
    const failed = assertions.find(({ assert }) => !isTrue(assert))
    if (failed === undefined) continue
    throw ValidationError(
      `Template validation error: Rule ${name} failed${failed.description === null ? '.' : `: ${failed.description}`}`,
    )
  }
}

function needsOf(
  name: string,
  { dependsOn, properties }: ResourceDeclaration,
  there: ReadonlySet<string>,
  scope: Scope,
): ReadonlySet<string> {
  const used = named(properties, ['Resources', name, 'Properties'], there, scope)
  // What is not made need not be waited for.
  return new Set([...dependsOn.filter((each) => there.has(each)), ...used])
}

/** The resources that a value uses. @throws ValidationError where one is not made */
function named(value: Value, path: Path, there: ReadonlySet<string>, scope: Scope): readonly string[] {
  const calls = [...callsIn(value, path, settingOf(scope))]
  const names = calls
    .flatMap(({ call, path }) => referencesOf(call, path))
    .flatMap(({ kind, name }) => (kind === 'name' || kind === 'attribute' ? [name] : []))
    .filter((name) => scope.template.resources.has(name))
  const missing = new Set(names.filter((name) => !there.has(name)))
  if (missing.size === 0) return names
  throw ValidationError(
    `Template format error: Unresolved resource dependencies [${[...missing].join(', ')}] in the ${path[0]} block of ` +
      `the template (at ${written(path)}: its condition does not hold)`,
  )
}

function importsIn(value: Value, path: Path, scope: Scope): readonly string[] {
  return [...callsIn(value, path, settingOf(scope))].flatMap(({ call, path }) =>
    call.name === 'Fn::ImportValue' ? [nameOfImport(call.argument, path, scope)] : [],
  )
}
