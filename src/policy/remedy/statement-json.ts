import type { PatternElement, PrincipalElement, Statement } from '../parse/document.ts'

/** A statement as the JSON of a policy has it; lists of one are written without brackets. */
export function statementJson({
  sid,
  effect,
  principal,
  action,
  resource,
  conditions,
}: Statement): Readonly<Record<string, unknown>> {
  return {
    ...(sid !== undefined && { Sid: sid }),
    Effect: effect,
    ...(principal !== undefined && { [principal.negated ? 'NotPrincipal' : 'Principal']: principalJson(principal) }),
    ...patternsJson('Action', action),
    ...patternsJson('Resource', resource),
    ...(conditions.length > 0 && { Condition: conditionsJson(conditions) }),
  }
}

function principalJson({ entries }: PrincipalElement): unknown {
  const [first] = entries
  if (entries.length === 1 && first?.type === 'AWS' && first.value === '*') return '*'
  const types = Map.groupBy(entries, ({ type }) => type)
  return Object.fromEntries([...types].map(([type, alike]) => [type, listJson(alike.map(({ value }) => value))]))
}

function patternsJson(name: string, element: PatternElement | undefined): Readonly<Record<string, unknown>> {
  if (element === undefined) return {}
  return { [element.negated ? `Not${name}` : name]: listJson(element.patterns.map(({ value }) => value)) }
}

function conditionsJson(conditions: Statement['conditions']): unknown {
  const operators = Map.groupBy(conditions, ({ operator }) => operator)
  return Object.fromEntries(
    [...operators].map(([operator, clauses]) => [
      operator,
      Object.fromEntries(clauses.map(({ key, values }) => [key, listJson(values)])),
    ]),
  )
}

function listJson(values: readonly string[]): unknown {
  return values.length === 1 ? values[0] : values
}
