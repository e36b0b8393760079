import { compileCondition, type Condition } from '../conditions/condition.ts'
import { present } from '../conditions/null.ts'
import { AMBIGUOUS, type ConditionKeys } from '../context.ts'
import type { ConditionClause, Effect } from '../parse/document.ts'
import { createLexicon } from '../patterns/lexicon.ts'

/** What of a request a condition is compared with, and how it shall come out. */
interface Wanted {
  readonly keys: ConditionKeys
  readonly effect: Effect
  readonly holds: boolean
}

/**
 * The least change of a condition's values after which it holds for a request, or does not: one value more, or without
 * those that match.
 *
 * @returns null where no such change makes sense: the key is absent, or the condition is about time or presence
 */
export function adjustCondition(
  clause: ConditionClause,
  { operator, lowerCaseKey }: Condition,
  { keys, effect, holds }: Wanted,
): ConditionClause | null {
  const value = present(keys, lowerCaseKey)
  if (value === undefined || value === AMBIGUOUS || !LISTS.includes(operator.family)) return null
  if (operator.quantifier === 'one' && typeof value !== 'string') return null
  const asked = typeof value === 'string' ? [value] : value
  const holdsFor = (values: readonly string[]) =>
    compileCondition({ ...clause, values }, effect, true, createLexicon()).holds(keys)
  const values =
    operator.negated === holds
      ? clause.values.filter((each) => holdsFor([each]) === holds)
      : valuesWith(clause.values, asked, operator.comparison, (more) => holdsFor([...clause.values, more]) === holds)
  if (values.length === 0 || holdsFor(values) !== holds) return null
  return { ...clause, values }
}

/** A list of these can be made longer or shorter by a value of the request; true and false, times and presence cannot. */
const LISTS: readonly Condition['operator']['family'][] = ['string', 'arn', 'numeric', 'ip-address', 'binary']

function valuesWith(
  values: readonly string[],
  asked: readonly string[],
  comparison: Condition['operator']['comparison'],
  isEnough: (value: string) => boolean,
): readonly string[] {
  // What would be read as a pattern or variable is left to people.
  if (asked.some((each) => /[*?$]/.test(each))) return values
  // The bound itself moves: two bounds side by side would only be hard to read.
  if (comparison.startsWith('less') || comparison.startsWith('greater')) return asked
  const enough = asked.find((each) => isEnough(each))
  return enough === undefined ? [...new Set([...values, ...asked])] : [...values, enough]
}
