import { compileArn, isArn } from '../arn-pattern.ts'
import { anyOf, BAD_REQUEST, type Matcher } from '../match.ts'

/** `ArnEquals` and `ArnLike`, which are the same. A malformed ARN in a request never matches, not even negated. */
export function compileArns(values: readonly string[], variables: boolean): Matcher {
  const match = anyOf(values.map((value) => compileArn(value, variables)))
  return (value, keys) => (isArn(value) ? match(value, keys) : BAD_REQUEST)
}
