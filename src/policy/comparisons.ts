import type { CompiledPolicy, CompiledStatement } from './compile.ts'
import type { Condition } from './conditions/condition.ts'
import type { ConditionKeys, RequestContext } from './context.ts'

/** To look for a pattern of m units in a text of n may take m * n / 32 steps; so many units are as much as to begin. */
const UNITS_OF_A_COMPARISON = 4096

/**
 * The most comparisons that answering one question may take, some 20 ms: nothing else happens meanwhile.
 *
 * Both the values and, in a simulation, the patterns are whatever somebody sends, and each is compared with each.
 */
export const MOST_COMPARISONS = 100_000

/**
 * How many comparisons conditions take at most to evaluate policies once: every pattern with every value of its key.
 * Where both are long it counts as several.
 */
export function comparisonsOf(policies: readonly CompiledPolicy[], { action, keys }: RequestContext): number {
  let sum = 0
  for (const policy of policies) {
    const { deny, allow } = policy.candidates(action)
    for (const statement of deny) sum += ofStatement(statement, keys)
    for (const statement of allow) sum += ofStatement(statement, keys)
  }
  return sum
}

function ofStatement({ conditions }: CompiledStatement, keys: ConditionKeys): number {
  let sum = 0
  for (const condition of conditions) sum += ofCondition(condition, keys)
  return sum
}

function ofCondition({ operator, lowerCaseKey, values: patterns }: Condition, keys: ConditionKeys): number {
  const value = keys.get(lowerCaseKey)
  // Without a quantifier, many values are compared with nothing.
  if (value === undefined || (typeof value !== 'string' && operator.quantifier === 'one')) return 0
  const values = typeof value === 'string' ? [value] : value
  return patterns.length * values.length + (unitsOf(patterns) * unitsOf(values)) / UNITS_OF_A_COMPARISON
}

function unitsOf(texts: readonly string[]): number {
  let sum = 0
  for (const text of texts) sum += text.length
  return sum
}
