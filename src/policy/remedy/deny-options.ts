import type { CompiledStatement } from '../compile.ts'
import type { ConditionClause, PatternElement, Statement } from '../parse/document.ts'
import { matches } from '../evaluate.ts'
import type { Layer, PolicySource, Question } from '../layers.ts'
import { adjustCondition } from './adjust-condition.ts'
import { isOfCustomer } from './allow-options.ts'
import type { Option, RemedyFacts } from './option.ts'

/** A statement that denies what is asked. */
export interface Denying {
  readonly layer: Layer
  readonly source: PolicySource
  readonly statement: CompiledStatement
}

/** The statements of a layer's policies that deny a question. */
export function denyingIn(
  layer: Layer,
  sources: readonly PolicySource[],
  { request, caller }: Question,
): readonly Denying[] {
  return sources.flatMap((source) =>
    source.policy
      .candidates(request.action)
      .deny.filter((statement) => matches(statement, request, caller) !== 0)
      .map((statement) => ({ layer, source, statement })),
  )
}

/**
 * What would keep a Deny from being about a request: another request first, where the request can say so; then the
 * Deny with a value more or less; and last, that it spares the caller.
 */
export function denyOptions(denying: Denying, question: Question, facts: RemedyFacts): readonly Option[] {
  const { layer, source, statement } = denying
  const { source: before } = statement
  const requests = statement.conditions.flatMap((condition): readonly Option[] => {
    const why = facts.whyNever(condition)
    if (why !== null) return [{ kind: 'never', condition, source, why }]
    return facts.isOfRequest(condition.lowerCaseKey) ? [{ kind: 'request', condition, source, holds: false }] : []
  })
  if (!isOfCustomer(source)) return requests
  const isOfMany = layer === 'resource' || layer === 'scp' || layer === 'rcp'
  const everybody = isOfMany ? 'for everybody whom a permission lets' : 'for everybody who has that policy'
  const changed = (after: Statement, opens: readonly string[]): Option => ({
    kind: 'policy',
    change: { layer, source, before, after },
    opens,
  })
  const adjusted = before.conditions.flatMap((clause, index) => {
    const condition = statement.conditions[index]
    const wanted = { keys: question.request.keys, effect: 'Deny', holds: false } as const
    // SECURITY: the value that is spared would tell what the request has.
    const isHidden = condition === undefined || facts.hidden.hasKey(condition.lowerCaseKey)
    const spared = isHidden ? null : adjustCondition(clause, condition, wanted)
    return spared === null ? [] : [{ ...before, conditions: before.conditions.with(index, spared) }]
  })
  const narrowed = [...adjusted, ...withoutName(before, question)]
  const sparing = sparingCaller(before, facts.principal, question)
  return [
    ...requests,
    ...narrowed.map((after) => changed(after, [everybody])),
    ...(sparing === null ? [] : [changed(sparing, ['all that this Deny forbids, for the caller'])]),
  ]
}

/** A Deny without the action that is asked for, where it names others too, or with it among those that it leaves out. */
function withoutName(statement: Statement, { request }: Question): readonly Statement[] {
  const { action } = statement
  if (action === undefined) return []
  if (action.negated) return [{ ...statement, action: plus(action, request.action) }]
  const patterns = action.patterns.filter(({ value }) => value.toLowerCase() !== request.action.toLowerCase())
  const isNamed = patterns.length < action.patterns.length && patterns.length > 0
  return isNamed ? [{ ...statement, action: { ...action, patterns } }] : []
}

function plus(element: PatternElement, value: string): PatternElement {
  return { ...element, patterns: [...element.patterns, { line: 0, column: 0, value }] }
}

const SPARING: ConditionClause = { operator: 'ArnNotEquals', key: 'aws:PrincipalArn', values: [], line: 0, column: 0 }

function sparingCaller(statement: Statement, principal: string, { caller }: Question): Statement | null {
  if (caller.type === 'service') return null
  const { operator, key } = SPARING
  const isSparing = (clause: ConditionClause) => clause.operator === operator && clause.key === key
  if (statement.conditions.some(isSparing)) return null
  return { ...statement, conditions: [...statement.conditions, { ...SPARING, values: [principal] }] }
}
