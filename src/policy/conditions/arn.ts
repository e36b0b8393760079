import { compileArn, isArn } from '../patterns/arn-pattern.ts'
import type { Lexicon } from '../patterns/lexicon.ts'
import { anyOf, BAD_REQUEST, type Matcher } from '../patterns/match.ts'

/** `ArnEquals` and `ArnLike`, which are the same. A malformed ARN in a request never matches, not even negated. */
export function compileArns(values: readonly string[], variables: boolean, lexicon: Lexicon): Matcher {
  const match = anyOf([...new Set(values)].map((value) => compileArn(value, variables, lexicon)))
  return (value, keys) => (isArn(value) ? match(value, keys) : BAD_REQUEST)
}
