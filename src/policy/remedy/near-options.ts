import type { ConditionClause, Statement } from '../parse/document.ts'
import type { Question } from '../layers.ts'
import { adjustCondition } from './adjust-condition.ts'
import { entryOf, freshStatement, patternsWith } from './fresh.ts'
import type { Near } from './misses.ts'
import { alsoOpens } from './opens.ts'
import type { Option, PolicyOption, RemedyFacts } from './option.ts'

/**
 * What would make a statement that comes close allow what is asked: a value or name more; a statement of its own under
 * the same conditions; or a request that meets them.
 */
export function nearOptions(near: Near, question: Question, facts: RemedyFacts): readonly Option[] {
  const { layer, source, statement, misses } = near
  const advice = misses.conditions.flatMap((index) => adviceOn(near, index, facts))
  const never = advice.filter(({ kind }) => kind === 'never')
  if (never.length > 0) return never
  const fitted = fittedConditions(near, question, facts)
  const isAboutThis = !misses.action && !misses.principal && !misses.resource
  const requests = isAboutThis ? advice : []
  if (fitted === null) return requests
  const extended = extension(near, fitted, question, facts)
  const conditions = fitted.map((clause, index) =>
    misses.conditions.includes(index) ? onlyNew(clause, statement.source.conditions[index]) : clause,
  )
  const target = layer === 'identity' ? null : source
  const after = { ...freshStatement(layer, question, facts, target), conditions }
  const own: PolicyOption = { kind: 'policy', change: { layer, source: target, before: null, after }, opens: [] }
  // A name more in a statement about more than the request would open all of that.
  const kept = extended === null || (!isAboutThis && extended.opens.length > 0) ? [] : [extended]
  return [...kept, ...requests, ...(conditions.length > 0 ? [own] : [])]
}

function extension(
  near: Near,
  conditions: readonly ConditionClause[],
  question: Question,
  { principal, sharedBy }: RemedyFacts,
): PolicyOption | null {
  const { layer, source, statement, misses } = near
  const { source: before } = statement
  const after = withNames({ ...before, conditions }, near, question, principal)
  if (after === null) return null
  const parts = (['action', 'principal', 'resource'] as const).filter(
    (part) => !misses[part] && (layer !== 'resource' || part !== 'resource'),
  )
  const others = sharedBy(source)
  const opens = [...alsoOpens(before, question, principal, parts), ...(others === null ? [] : [others])]
  return { kind: 'policy', change: { layer, source, before, after }, opens }
}

/** The values that are new in a list. */
function onlyNew(clause: ConditionClause, old: ConditionClause | undefined): ConditionClause {
  const values = clause.values.filter((value) => old?.values.includes(value) !== true)
  return values.length === 0 ? clause : { ...clause, values }
}

/** What a request can say, or can never say, so that a condition holds. */
function adviceOn({ source, statement }: Near, index: number, facts: RemedyFacts): readonly Option[] {
  const condition = statement.conditions[index]
  if (condition === undefined) return []
  const why = facts.whyNever(condition)
  if (why !== null) return [{ kind: 'never', condition, source, why }]
  return facts.isOfRequest(condition.lowerCaseKey) ? [{ kind: 'request', condition, source, holds: true }] : []
}

/** The conditions of a statement, changed so that all hold; null where that cannot be. */
function fittedConditions(
  { statement, misses }: Near,
  { request }: Question,
  { hidden }: RemedyFacts,
): readonly ConditionClause[] | null {
  const wanted = { keys: request.keys, effect: statement.effect, holds: true }
  const fitted = statement.source.conditions.map((clause, index) => {
    const condition = statement.conditions[index]
    if (!misses.conditions.includes(index) || condition === undefined) return clause
    // SECURITY: the value that is missing would tell what the request has.
    return hidden.hasKey(condition.lowerCaseKey) ? null : adjustCondition(clause, condition, wanted)
  })
  return fitted.every((clause) => clause !== null) ? fitted : null
}

/** A statement with the name that it misses; null where it says whom or what it leaves out. */
function withNames(
  statement: Statement,
  { misses }: Near,
  { request, caller }: Question,
  principal: string,
): Statement | null {
  const action = misses.action ? patternsWith(statement.action, request.action) : statement.action
  const resource = misses.resource ? patternsWith(statement.resource, request.resource) : statement.resource
  if (action === null || resource === null) return null
  const named = { ...statement, ...(action !== undefined && { action }), ...(resource !== undefined && { resource }) }
  if (!misses.principal) return named
  if (statement.principal === undefined || statement.principal.negated) return null
  const entries = [...statement.principal.entries, entryOf(principal, caller.type)]
  return { ...named, principal: { ...statement.principal, entries } }
}
