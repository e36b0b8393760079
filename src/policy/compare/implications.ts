import type { Condition } from '../conditions/condition.ts'
import type { Operator } from '../conditions/operator.ts'
import type { PolicyDocument } from '../parse/document.ts'
import { conditionKeyOf } from '../vocabulary/vocabulary.ts'
import type { Budget } from './budget.ts'
import { isArnWithin, isWithin } from './pattern-sets.ts'

/** A condition, as it is compared with others. */
export interface Premise {
  readonly operator: Operator
  readonly lowerCaseKey: string
  readonly values: readonly string[]
}

/**
 * Whether a condition holds wherever another does.
 *
 * INVARIANT: true is certain: where the first is of an Allow, and the second of either effect, or both are of a Deny.
 */
export function implies(first: Premise, second: Premise, budget: Budget): boolean {
  if (first.lowerCaseKey !== second.lowerCaseKey) return false
  const [one, other] = [first.operator, second.operator]
  if (one.family !== other.family || one.quantifier !== other.quantifier || one.negated !== other.negated) return false
  // What holds for an absent key must hold for it there too.
  if (one.ifExists && !other.ifExists && !(one.negated && one.quantifier === 'one')) return false
  const isWider = one.comparison === 'equals' && other.comparison === 'like'
  if (one.comparison !== other.comparison && !(isWider && !one.negated)) return false
  if (one.family === 'null') return sameValues(first.values, second.values)
  const [inner, outer] = one.negated ? [second.values, first.values] : [first.values, second.values]
  return inner.every((value) => outer.some((wider) => isValueWithin(value, wider, one, other, budget)))
}

function sameValues(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index])
}

function isValueWithin(inner: string, outer: string, one: Operator, other: Operator, budget: Budget): boolean {
  if (one.comparison === other.comparison && inner === outer) return true
  if (inner.includes('${') || outer.includes('${')) return false
  if (one.family === 'arn') return isArnWithin(inner, outer, budget)
  // A literal with a sign that is a wildcard elsewhere is that very sign.
  const isLiteral = one.comparison === 'equals'
  if (one.family !== 'string' || other.comparison !== 'like' || (isLiteral && /[*?]/.test(inner))) return false
  return isWithin(inner, outer, budget)
}

/**
 * Whether two conditions never hold for the same request: the first of an Allow, the second of a Deny.
 *
 * INVARIANT: true is certain. A positive condition of an Allow holds for one value, which is there and is clear.
 */
export function excludes(allowed: Premise, denied: Premise, budget: Budget): boolean {
  const { operator } = allowed
  const contrary = contraryOf(denied)
  return (
    contrary !== undefined &&
    !operator.ifExists &&
    !operator.negated &&
    operator.quantifier === 'one' &&
    implies(allowed, contrary, budget)
  )
}

/** What a negated condition on one value denies, where it does not hold: the positive one. */
function contraryOf({ operator, lowerCaseKey, values }: Premise): Premise | undefined {
  if (!operator.negated || operator.quantifier !== 'one') return undefined
  if (values.some((value) => value.includes('${'))) return undefined
  return { operator: { ...operator, negated: false, ifExists: false }, lowerCaseKey, values }
}

/** What is known of a request that a Deny with this condition alone lets pass; undefined where it is not certain. */
export function passed(denied: Premise): Premise | undefined {
  // Of a key with many values, or a value that is no ARN, neither a condition nor its contrary holds.
  const type = conditionKeyOf(denied.lowerCaseKey)?.type
  const isText = type !== undefined && !type.startsWith('ArrayOf') && denied.operator.family === 'string'
  return isText ? contraryOf(denied) : undefined
}

/** A condition as it is compared. Where a document has no variables, what looks like one is text. */
export function premiseOf({ operator, lowerCaseKey, values }: Condition, version: PolicyDocument['version']): Premise {
  const texts = version === '2012-10-17' ? values : values.map((value) => value.replaceAll('${', '\0{'))
  return { operator, lowerCaseKey, values: texts }
}
