import { anyOf, BAD_POLICY, type Matcher, NO, YES } from '../match.ts'
import type { Comparison, Operator } from './operator.ts'

/**
 * Compares request values with policy values as numbers; dates are numbers of milliseconds.
 *
 * A request value that `read` cannot convert equals nothing, so a negated operator holds for it. A policy value
 * that cannot be converted is unusable.
 */
export function compileOrdered(
  values: readonly string[],
  operator: Operator,
  read: (text: string) => number | undefined,
): Matcher {
  return anyOf(
    values.map((text): Matcher => {
      const limit = read(text)
      if (limit === undefined) return () => BAD_POLICY
      return (given) => {
        const number = read(given)
        return number !== undefined && holds(number, operator.comparison, limit) ? YES : NO
      }
    }),
  )
}

function holds(left: number, comparison: Comparison, right: number): boolean {
  if (comparison === 'less') return left < right
  if (comparison === 'less-equals') return left <= right
  if (comparison === 'greater') return left > right
  if (comparison === 'greater-equals') return left >= right
  return left === right
}
