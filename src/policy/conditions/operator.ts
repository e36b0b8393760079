/** The families of condition operators: one file each. */
export type Family = 'string' | 'numeric' | 'date' | 'bool' | 'binary' | 'ip-address' | 'arn' | 'null'

/** How a family compares. */
export type Comparison =
  | 'equals'
  | 'equals-ignore-case'
  | 'like'
  | 'less'
  | 'less-equals'
  | 'greater'
  | 'greater-equals'

/** Over which values of the request an operator ranges: its only one, all of them, or any of them. */
export type Quantifier = 'one' | 'all' | 'any'

/** An operator, taken apart. */
export interface Operator {
  readonly name: string
  readonly quantifier: Quantifier
  readonly family: Family
  readonly comparison: Comparison
  readonly negated: boolean
  readonly ifExists: boolean
}

type Base = Pick<Operator, 'family' | 'comparison' | 'negated'>

function base(family: Family, comparison: Comparison = 'equals', negated = false): Base {
  return { family, comparison, negated }
}

/** Less-than and its kin, alike for numbers and dates. */
function ordered(prefix: string, family: Family): [string, Base][] {
  return [
    [`${prefix}Equals`, base(family)],
    [`${prefix}NotEquals`, base(family, 'equals', true)],
    [`${prefix}LessThan`, base(family, 'less')],
    [`${prefix}LessThanEquals`, base(family, 'less-equals')],
    [`${prefix}GreaterThan`, base(family, 'greater')],
    [`${prefix}GreaterThanEquals`, base(family, 'greater-equals')],
  ]
}

const BASES: ReadonlyMap<string, Base> = new Map([
  ['StringEquals', base('string')],
  ['StringNotEquals', base('string', 'equals', true)],
  ['StringEqualsIgnoreCase', base('string', 'equals-ignore-case')],
  ['StringNotEqualsIgnoreCase', base('string', 'equals-ignore-case', true)],
  ['StringLike', base('string', 'like')],
  ['StringNotLike', base('string', 'like', true)],
  ...ordered('Numeric', 'numeric'),
  ...ordered('Date', 'date'),
  ['Bool', base('bool')],
  ['BinaryEquals', base('binary')],
  ['IpAddress', base('ip-address')],
  ['NotIpAddress', base('ip-address', 'equals', true)],
  ['ArnEquals', base('arn')],
  ['ArnLike', base('arn')],
  ['ArnNotEquals', base('arn', 'equals', true)],
  ['ArnNotLike', base('arn', 'equals', true)],
  ['Null', base('null')],
])

/** The operators without prefix and suffix, for hints. */
export const OPERATOR_NAMES: readonly string[] = [...BASES.keys()]

const PREFIXES: readonly [string, Quantifier][] = [
  ['ForAllValues:', 'all'],
  ['ForAnyValue:', 'any'],
]
const SUFFIX = 'IfExists'

/**
 * Takes an operator apart; `undefined` if there is none of that name. Names are case-sensitive.
 *
 * `Null` asks for presence itself, so it has neither the suffix nor a prefix.
 */
export function parseOperator(name: string): Operator | undefined {
  const prefix = PREFIXES.find(([text]) => name.startsWith(text))
  const unprefixed = prefix === undefined ? name : name.slice(prefix[0].length)
  const ifExists = unprefixed.endsWith(SUFFIX)
  const found = BASES.get(ifExists ? unprefixed.slice(0, -SUFFIX.length) : unprefixed)
  if (found === undefined || (found.family === 'null' && (ifExists || prefix !== undefined))) return undefined
  return { name, quantifier: prefix?.[1] ?? 'one', ifExists, ...found }
}
