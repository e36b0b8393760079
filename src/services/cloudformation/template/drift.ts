import { isEqual } from './equal.ts'
import type { ObjectSchema, PropertySchema, TypeFacts } from './type-facts.ts'
import { isMembers, member, scalarText, type Members, type Value } from './value.ts'

/** One difference between what a stack says of a resource and what it is. */
export interface PropertyDifference {
  readonly PropertyPath: string
  readonly ExpectedValue: string
  readonly ActualValue: string
  readonly DifferenceType: 'ADD' | 'REMOVE' | 'NOT_EQUAL'
}

/**
 * Compares what a template says of a resource with what was read: only properties that the template has, and of those
 * none that cannot be read (CloudFormation User Guide, "Detect unmanaged configuration changes").
 */
export function compareProperties(type: TypeFacts, expected: Members, actual: Members): readonly PropertyDifference[] {
  const { writeOnly } = type
  return Object.entries(expected).flatMap(([name, value]) => {
    const schema = type.schema.properties[name]
    if (schema === undefined || writeOnly.includes(name)) return []
    return compare(value, member(actual, name), schema, `/${name}`)
  })
}

function compare(
  expected: Value,
  actual: Value | undefined,
  schema: PropertySchema,
  path: string,
): readonly PropertyDifference[] {
  if (actual === undefined) return isNothing(expected) ? [] : [difference(path, expected, undefined)]
  if (schema.type === 'list' && Array.isArray(expected) && Array.isArray(actual)) {
    return compareLists(expected, actual, schema.items, path)
  }
  if (schema.type === 'object' && isMembers(expected) && isMembers(actual)) {
    return compareObjects(expected, actual, schema, path)
  }
  const read = schema.type === 'document' ? documentOf : (value: Value) => value
  const one = read(expected)
  const other = read(actual)
  return isEqual(one, other) ? [] : [difference(path, one, other)]
}

function compareObjects(expected: Members, actual: Members, schema: ObjectSchema, path: string) {
  return Object.entries(expected).flatMap(([name, value]) => {
    const property = schema.properties[name]
    return property === undefined ? [] : compare(value, member(actual, name), property, `${path}/${name}`)
  })
}

/** The lists of KMS and IAM have no order: what is in both is no difference. */
function compareLists(
  expected: readonly Value[],
  actual: readonly Value[],
  items: PropertySchema,
  path: string,
): readonly PropertyDifference[] {
  const isSame = (a: Value, b: Value) => compare(a, b, items, '').length === 0
  const differences: PropertyDifference[] = []
  for (const [index, each] of expected.entries()) {
    if (!actual.some((other) => isSame(each, other))) differences.push(difference(`${path}/${index}`, each, undefined))
  }
  for (const [index, each] of actual.entries()) {
    if (!expected.some((other) => isSame(other, each)))
      differences.push(difference(`${path}/${index}`, undefined, each))
  }
  return differences
}

function difference(path: string, expected: Value | undefined, actual: Value | undefined): PropertyDifference {
  const type = expected === undefined ? 'ADD' : actual === undefined ? 'REMOVE' : 'NOT_EQUAL'
  return { PropertyPath: path, ExpectedValue: shown(expected), ActualValue: shown(actual), DifferenceType: type }
}

function shown(value: Value | undefined): string {
  if (value === undefined) return 'null'
  return Array.isArray(value) || isMembers(value) ? JSON.stringify(value) : scalarText(value)
}

/** Empty lists and texts are what is not there. */
function isNothing(value: Value): boolean {
  return value === '' || (Array.isArray(value) && value.length === 0)
}

/** A policy as an object, whether it was written as one or as text. */
function documentOf(value: Value): Value {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value) as Value
  } catch {
    return value
  }
}
