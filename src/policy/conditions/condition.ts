import { AMBIGUOUS, type ConditionKeys, type ConditionValue } from '../context.ts'
import type { ConditionClause, Effect } from '../parse/document.ts'
import type { Lexicon } from '../patterns/lexicon.ts'
import { matched, type Matcher, negated } from '../patterns/match.ts'
import { compileArns } from './arn.ts'
import { compileBinary } from './binary.ts'
import { compileBool } from './bool.ts'
import { compileDate } from './date.ts'
import { compileIpAddress } from './ip-address.ts'
import { compileNull, present } from './null.ts'
import { compileNumeric } from './numeric.ts'
import { type Operator, parseOperator } from './operator.ts'
import { compileString } from './string.ts'
import { variableKeys } from '../patterns/variables.ts'

/** A compiled clause of a condition block, with what an explanation needs of it. */
export interface Condition {
  readonly operator: Operator
  /** As written; `lowerCaseKey` is what is looked up. */
  readonly key: string
  readonly lowerCaseKey: string
  readonly values: readonly string[]
  /** The keys, in lower case, that variables in the values stand for. */
  readonly variables: readonly string[]
  readonly holds: (keys: ConditionKeys) => boolean
}

/**
 * Compiles one operator on one key.
 *
 * The rules for absent keys and for keys with many values are AWS's: a negated operator holds for an absent key,
 * `ForAllValues` holds where there are no values, and an operator without a quantifier never holds for a key with
 * many values, not even negated. A key that is `AMBIGUOUS` decides against the request.
 */
export function compileCondition(
  clause: ConditionClause,
  effect: Effect,
  variables: boolean,
  lexicon: Lexicon,
): Condition {
  const operator = parseOperator(clause.operator)
  if (operator === undefined) throw new TypeError(`Unknown condition operator ${clause.operator}`)
  const key = clause.key.toLowerCase()
  const holds =
    operator.family === 'null'
      ? compileNull(key, clause.values)
      : quantify(key, operator, effect, compileValues(clause.values, operator, variables, lexicon))
  return {
    operator,
    key: clause.key,
    lowerCaseKey: key,
    values: clause.values,
    variables: variables && takesVariables(operator) ? variableKeys(clause.values) : [],
    holds,
  }
}

function takesVariables({ family }: Operator): boolean {
  return family === 'string' || family === 'arn'
}

function compileValues(values: readonly string[], operator: Operator, variables: boolean, lexicon: Lexicon): Matcher {
  if (operator.family === 'string') return compileString(values, operator, variables, lexicon)
  if (operator.family === 'arn') return compileArns(values, variables, lexicon)
  if (operator.family === 'bool') return compileBool(values)
  if (operator.family === 'numeric') return compileNumeric(values, operator)
  if (operator.family === 'date') return compileDate(values, operator)
  if (operator.family === 'ip-address') return compileIpAddress(values)
  return compileBinary(values)
}

function quantify(key: string, operator: Operator, effect: Effect, match: Matcher): Condition['holds'] {
  const { quantifier, ifExists, negated: isNegated } = operator
  const one = (value: string, keys: ConditionKeys) =>
    isNegated ? negated(match(value, keys), effect) : matched(match(value, keys), effect)
  const absent = ifExists || quantifier === 'all' || (quantifier === 'one' && isNegated)
  if (quantifier === 'one') {
    return (keys) => {
      const value = present(keys, key)
      if (value === undefined) return absent
      return typeof value === 'string' ? one(value, keys) : value === AMBIGUOUS && effect === 'Deny'
    }
  }
  return (keys) => {
    const value = present(keys, key)
    if (value === undefined) return absent
    if (value === AMBIGUOUS) return effect === 'Deny'
    const values = list(value)
    return quantifier === 'all' ? values.every((each) => one(each, keys)) : values.some((each) => one(each, keys))
  }
}

function list(value: ConditionValue): readonly string[] {
  return typeof value === 'string' ? [value] : value
}
