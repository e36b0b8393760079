import { BAD_POLICY, type Matcher, NO, YES } from '../patterns/match.ts'
import type { Comparison, Operator } from './operator.ts'

/**
 * Compares request values with policy values as numbers; dates are numbers of milliseconds. However many the policy
 * has, it is one comparison: less than any of them is less than the largest.
 *
 * A request value that `read` cannot convert equals nothing, so a negated operator holds for it. A policy value
 * that cannot be converted is unusable.
 */
export function compileOrdered(
  values: readonly string[],
  operator: Operator,
  read: (text: string) => number | undefined,
): Matcher {
  const limits = new Set(values.map(read).filter((limit) => limit !== undefined))
  const otherwise = values.some((value) => read(value) === undefined) ? BAD_POLICY : NO
  const holds = compileComparison(operator.comparison, limits)
  return (given) => {
    const number = read(given)
    return number !== undefined && holds(number) ? YES : otherwise
  }
}

function compileComparison(comparison: Comparison, limits: ReadonlySet<number>): (given: number) => boolean {
  const most = [...limits].reduce((most, limit) => Math.max(most, limit), -Infinity)
  const least = [...limits].reduce((least, limit) => Math.min(least, limit), Infinity)
  if (comparison === 'less') return (given) => given < most
  if (comparison === 'less-equals') return (given) => given <= most
  if (comparison === 'greater') return (given) => given > least
  if (comparison === 'greater-equals') return (given) => given >= least
  return (given) => limits.has(given)
}
