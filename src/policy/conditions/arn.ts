import { compileArn } from '../arn-pattern.ts'
import { anyOf, type Matcher } from '../match.ts'

/** `ArnEquals` and `ArnLike`, which are the same. */
export function compileArns(values: readonly string[], variables: boolean): Matcher {
  return anyOf(values.map((value) => compileArn(value, variables)))
}
