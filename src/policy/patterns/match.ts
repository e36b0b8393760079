import type { ConditionKeys } from '../context.ts'

/** How one value of a request compares with the values of a policy. */
export type Match = typeof NO | typeof YES | typeof BAD_REQUEST | typeof BAD_POLICY | typeof UNCLEAR

/** It was compared, and is none of them. */
export const NO = 0

/** It is one of them. */
export const YES = 1

/** The request's value is not of the operator's type and can never match, negated or not (a malformed IP or ARN). */
export const BAD_REQUEST = 2

/** No value of the policy matched, and one could not be used: an unresolved variable, a malformed literal. */
export const BAD_POLICY = 3

/** No value of the policy matched, and one depends on a key that is `AMBIGUOUS`. */
export const UNCLEAR = 4

/** Compares a value of a request with what a policy says. `keys` resolve policy variables. */
export type Matcher = (value: string, keys: ConditionKeys) => Match

/** A matcher of any one of several. */
export function anyOf(matchers: readonly Matcher[]): Matcher {
  const [only] = matchers
  if (only !== undefined && matchers.length === 1) return only
  return (value, keys) => {
    let result: Match = NO
    for (const matcher of matchers) {
      const match = matcher(value, keys)
      if (match === YES) return YES
      if (match > result) result = match
    }
    return result
  }
}

/** What an element that is not negated makes of a match. INVARIANT: what is unclear never opens access. */
export function matched(match: Match, effect: 'Allow' | 'Deny'): boolean {
  return match === YES || (match === UNCLEAR && effect === 'Deny')
}

/**
 * What a negated element (`StringNotEquals`, `NotResource`) makes of a match.
 *
 * Where the policy's own value cannot be used, AWS leaves open what happens. INVARIANT: it never opens access:
 * a Deny then applies and an Allow does not.
 */
export function negated(match: Match, effect: 'Allow' | 'Deny'): boolean {
  return match === NO || ((match === BAD_POLICY || match === UNCLEAR) && effect === 'Deny')
}
