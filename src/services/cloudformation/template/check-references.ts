import { callsIn, referencesOf, type Reference, type Setting } from './calls.ts'
import { ValidationError } from './errors.ts'
import { findCycle, refuseCircle } from './graph.ts'
import type { Place } from './functions.ts'
import { written, type Path } from './paths.ts'
import { isPseudoParameter } from './pseudo-parameters.ts'
import type { Template } from './template.ts'
import type { FindType } from './type-facts.ts'
import type { Value } from './value.ts'

interface Found {
  readonly reference: Reference
  readonly path: Path
}

/**
 * Checks every function of a template: that it can stand where it stands, and that there is what it names.
 *
 * @throws ValidationError in CloudFormation's words
 */
export function checkReferences(template: Template, findType: FindType): void {
  refuseUnknownTypes(template, findType)
  const parameters = (name: string) => template.parameters.has(name) || isPseudoParameter(name)

  const rules = [...template.rules].flatMap(([name, { condition, assertions }]) => {
    const values: readonly (Value | null)[] = [condition, ...assertions.map(({ assert }) => assert)]
    return values.flatMap((each) => find(template, each, 'rule', ['Rules', name]))
  })
  requireNames(
    rules,
    parameters,
    'Template error: Unresolved dependencies',
    'Cannot reference resources in the Rules block of the template',
  )
  const conditions = [...template.conditions].flatMap(([name, value]) =>
    find(template, value, 'condition', ['Conditions', name]),
  )
  requireNames(
    conditions,
    parameters,
    'Template error: Unresolved dependencies',
    'Cannot reference resources in the Conditions block of the template',
  )
  const resources = [...template.resources].flatMap(([name, { properties }]) =>
    find(template, properties, 'value', ['Resources', name, 'Properties']),
  )
  const outputs = [...template.outputs].flatMap(([name, { value, exportName }]) => {
    const values: readonly (Value | null)[] = [value, exportName]
    return values.flatMap((each) => find(template, each, 'value', ['Outputs', name]))
  })
  const anything = (name: string) => parameters(name) || template.resources.has(name)
  const unresolved = 'Template format error: Unresolved resource dependencies'
  const depended = [...template.resources].flatMap(([logicalId, { dependsOn }]) =>
    dependsOn.map((name): Found => ({
      reference: { kind: 'name', name },
      path: ['Resources', logicalId, 'DependsOn'],
    })),
  )
  requireNames(depended, (name) => template.resources.has(name), unresolved, 'in the Resources block of the template')
  requireNames(resources, anything, unresolved, 'in the Resources block of the template')
  requireNames(outputs, anything, unresolved, 'in the Outputs block of the template')
  for (const each of [...resources, ...outputs]) requireAttribute(each, template, findType)
  refuseCircles(template, [...depended, ...resources])
  requireConditions(template, [...rules, ...conditions, ...resources, ...outputs])
  for (const { reference, path } of [...rules, ...conditions, ...resources, ...outputs]) {
    if (reference.kind !== 'mapping' || template.mappings.has(reference.name)) continue
    throw ValidationError(
      `Template error: Mapping named '${reference.name}' is not present in the 'Mappings' section of template. (at ${written(path)})`,
    )
  }
}

function refuseUnknownTypes({ resources }: Template, findType: FindType): void {
  const unknown = [...resources].filter(([, { type }]) => findType(type) === undefined)
  if (unknown.length === 0) return
  const types = [...new Set(unknown.map(([, { type }]) => type))].toSorted()
  const places = unknown.map(([name]) => `Resources/${name}`)
  throw ValidationError(
    `Template format error: Unrecognized resource types: [${types.join(', ')}] (at ${places.join(', ')})`,
  )
}

function find(template: Template, value: Value, place: Place, path: Path): readonly Found[] {
  const setting: Setting = { place, extensions: template.transforms.length > 0, conditions: null }
  return [...callsIn(value, path, setting)].flatMap(({ call, path }) =>
    referencesOf(call, path).map((reference) => ({ reference, path })),
  )
}

function requireNames(
  found: readonly Found[],
  isThere: (name: string) => boolean,
  before: string,
  after: string,
): void {
  const missing = found.filter(({ reference }) => reference.kind === 'name' && !isThere(reference.name))
  const [first] = missing
  if (first === undefined) return
  const names = [...new Set(missing.map(({ reference }) => reference.name))]
  const dot = before.startsWith('Template error') ? '. ' : ' '
  throw ValidationError(`${before} [${names.join(', ')}]${dot}${after} (at ${written(first.path)})`)
}

function requireAttribute({ reference, path }: Found, { resources }: Template, findType: FindType): void {
  if (reference.kind !== 'attribute') return
  const { name, attribute } = reference
  const declared = resources.get(name)
  if (declared === undefined) {
    throw ValidationError(
      `Template error: instance of ${path.findLast((each) => each.startsWith('Fn::'))} references undefined resource ${name} (at ${written(path)})`,
    )
  }
  const attributes = findType(declared.type)?.attributes ?? []
  if (attribute === null || attributes.includes(attribute)) return
  throw ValidationError(
    `Template error: resource ${name} does not support attribute type ${attribute} in Fn::GetAtt (at ${written(path)}). ` +
      (attributes.length === 0 ? `${declared.type} has none.` : `${declared.type} has ${attributes.join(', ')}.`),
  )
}

function requireConditions({ conditions, resources, outputs }: Template, found: readonly Found[]): void {
  const require = (name: string, path: Path) => {
    if (conditions.has(name)) return
    throw ValidationError(
      `Template format error: Unresolved condition dependency ${name} in the ${path[0]} block of the template (at ${written(path)})`,
    )
  }
  for (const [name, { condition }] of resources)
    if (condition !== null) require(condition, ['Resources', name, 'Condition'])
  for (const [name, { condition }] of outputs)
    if (condition !== null) require(condition, ['Outputs', name, 'Condition'])
  const needs = new Map<string, Set<string>>([...conditions.keys()].map((name) => [name, new Set()]))
  for (const { reference, path } of found) {
    if (reference.kind !== 'condition') continue
    require(reference.name, path)
    if (path[0] === 'Conditions') needs.get(path[1] ?? '')?.add(reference.name)
  }
  const cycle = findCycle(needs)
  if (cycle === null) return
  throw ValidationError(`Template format error: Circular dependency between conditions: [${cycle.join(', ')}]`)
}

/** Of circles, those that no parameter can break: what depends on conditions is seen when the template is used. */
function refuseCircles({ resources }: Template, found: readonly Found[]): void {
  const needs = new Map<string, Set<string>>()
  for (const [name, { condition }] of resources) if (condition === null) needs.set(name, new Set())
  for (const { reference, path } of found) {
    if (!path.includes('Fn::If')) needs.get(path[1] ?? '')?.add(reference.name)
  }
  refuseCircle(needs)
}
