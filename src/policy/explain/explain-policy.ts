import type { CompiledPolicy, CompiledStatement } from '../compile.ts'
import type { Condition } from '../conditions/condition.ts'
import { present } from '../conditions/null.ts'
import { AMBIGUOUS, type ConditionValue, type RequestContext } from '../context.ts'
import type { PatternElement, PrincipalElement } from '../parse/document.ts'
import { allowed, matches, type PolicyVerdict } from '../evaluate.ts'
import { type ExplanationNode, fact, type Hidden, quote } from './explanation.ts'
import { type PrincipalFacts, Via } from '../principal.ts'

/** A verdict and its reasons. */
export interface ExplainedVerdict {
  readonly verdict: PolicyVerdict
  readonly node: ExplanationNode
}

/** What a policy is asked, and what of the answer is not its reader's. */
interface Asking {
  readonly request: RequestContext
  readonly caller: PrincipalFacts
  readonly hidden: Hidden
}

/** What a reader takes in of one policy, which may have thousands of statements. */
const MOST_STATEMENTS = 40

/**
 * Evaluates a policy as `evaluate` does, but all of it, with the outcome of every element of the statements that are
 * about the action: of those that match, before all others, and of at most 40. Works on the same compiled closures, so
 * the two cannot disagree on what matches.
 */
export function explainPolicy(label: string, policy: CompiledPolicy, asking: Asking): ExplainedVerdict {
  const { request, caller } = asking
  const action = request.action.toLowerCase()
  const about = policy.statements.filter((statement) => statement.matchesAction(action))
  const judged = about.map((statement) => ({ statement, via: matches(statement, request, caller) }))
  const denies = judged.some(({ statement, via }) => statement.effect === 'Deny' && via !== 0)
  const via = judged.reduce((bits, each) => (each.statement.effect === 'Allow' ? bits | each.via : bits), 0)
  const verdict: PolicyVerdict = denies ? { outcome: 'ExplicitDeny', via: 0 } : allowed(via)
  const telling = judged.toSorted((a, b) => Number(b.via !== 0) - Number(a.via !== 0)).slice(0, MOST_STATEMENTS)
  const shown = telling
    .toSorted((a, b) => a.statement.source.index - b.statement.source.index)
    .map(({ statement }) => explainStatement(statement, asking))
  const unshown = about.length - shown.length
  const others = policy.document.statements.length - about.length
  const rest = [
    ...(unshown === 0 ? [] : [fact(`${unshown} more`, 'info', `statements that are about ${request.action}`)]),
    ...(others === 0 ? [] : [fact(`${others} more`, 'info', `statements that are not about ${request.action}`)]),
  ]
  return { verdict, node: fact(label, outcomeOf(verdict), undefined, [...shown, ...rest]) }
}

/** The outcome of a node for a verdict. */
export function outcomeOf({ outcome }: Pick<PolicyVerdict, 'outcome'>): ExplanationNode['outcome'] {
  if (outcome === 'ExplicitDeny') return 'deny'
  return outcome === 'Allow' ? 'allow' : 'no-match'
}

function explainStatement(statement: CompiledStatement, { request, caller, hidden }: Asking): ExplanationNode {
  const { source, effect } = statement
  const via = statement.matchesPrincipal(caller)
  const elements: ExplanationNode[] = []
  if (source.principal !== undefined) elements.push(explainPrincipal(source.principal, effect, via, caller))
  if (source.resource !== undefined) {
    elements.push(explainResource(source.resource, statement.matchesResource(request), request))
  }
  for (const condition of statement.conditions) elements.push(explainCondition(condition, request, hidden))
  const failing = elements.find(({ outcome }) => outcome === 'no-match')
  const sid = source.sid === undefined ? '' : ` "${source.sid}"`
  const label = `${effect} statement ${source.index}${sid} (line ${source.line})`
  const outcome = failing === undefined ? (effect === 'Allow' ? 'allow' : 'deny') : 'no-match'
  const detail = failing === undefined ? undefined : `does not match because of ${failing.label}`
  return fact(label, outcome, detail, elements)
}

const VIA_WORDS: readonly (readonly [number, string])[] = [
  [Via.Session, 'its session'],
  [Via.User, 'its user'],
  [Via.Role, 'its role'],
  [Via.Star, 'everyone'],
  [Via.Service, 'the service'],
  [Via.Account, 'its account'],
  [Via.Provider, 'its identity provider'],
]

/** Says in words how a caller was matched. */
export function describeVia(via: number): string {
  return VIA_WORDS.filter(([bit]) => (via & bit) !== 0)
    .map(([, words]) => words)
    .join(', ')
}

function explainPrincipal(
  element: PrincipalElement,
  effect: 'Allow' | 'Deny',
  via: number,
  caller: PrincipalFacts,
): ExplanationNode {
  const names = quote(element.entries.map(({ value }) => value))
  if (!element.negated) {
    const detail = via === 0 ? `${names} does not name the caller` : `${names} names ${describeVia(via)}`
    return fact('Principal', via === 0 ? 'no-match' : 'info', detail)
  }
  const boundary = effect === 'Deny' && caller.hasBoundary
  const why = boundary
    ? 'a caller with a permissions boundary is never exempt'
    : 'a Deny spares only callers of whom it lists the account, the user or role, and the session'
  return fact('NotPrincipal', via === 0 ? 'no-match' : 'info', `${names}; ${why}`)
}

function explainResource(element: PatternElement, matches: boolean, { resource }: RequestContext): ExplanationNode {
  const label = element.negated ? 'NotResource' : 'Resource'
  const patterns = quote(element.patterns.map(({ value }) => value))
  const detail = `${quote([resource])} ${matches ? 'is covered by' : 'is not covered by'} ${label} ${patterns}`
  const hint = !matches && resource === '*' ? '; this permission has no resource, so Resource must be "*"' : ''
  return fact(label, matches ? 'info' : 'no-match', detail + hint)
}

function explainCondition(condition: Condition, { keys }: RequestContext, hidden: Hidden): ExplanationNode {
  const { operator, key, values } = condition
  const holds = condition.holds(keys)
  const actual = present(keys, condition.lowerCaseKey)
  const isHidden = hidden.hasKey(condition.lowerCaseKey)
  const found = isHidden ? 'is of the other account, and not shown' : describeValue(actual)
  const hint = isHidden ? undefined : conditionHint(condition, actual, holds)
  const detail = `${key} ${found}; the policy has ${quote(values)}${hint === undefined ? '' : `; ${hint}`}`
  return fact(`Condition ${operator.name} ${key}`, holds ? 'info' : 'no-match', detail)
}

function describeValue(actual: ConditionValue | undefined): string {
  if (actual === undefined) return 'is absent in the request'
  if (actual === AMBIGUOUS) return 'has several values, under names that differ in case'
  return `is ${quote(typeof actual === 'string' ? [actual] : actual)}`
}

/** The rule of an operator that surprises, where it decided. */
function conditionHint(
  { operator }: Condition,
  actual: string | readonly string[] | undefined,
  holds: boolean,
): string | undefined {
  const { family, quantifier, negated, ifExists } = operator
  if (family === 'null') return undefined
  if (actual === undefined) {
    if (ifExists) return 'IfExists holds for an absent key'
    if (quantifier === 'all') return 'ForAllValues holds for an absent key'
    if (negated && holds) return 'a negated operator holds for an absent key'
    return 'only a negated operator, ForAllValues or IfExists holds for an absent key'
  }
  if (actual === AMBIGUOUS) return 'of such a key a condition never holds in an Allow, and always in a Deny'
  if (quantifier === 'one' && typeof actual !== 'string') {
    return 'the key has many values, for which an operator without ForAllValues or ForAnyValue never holds'
  }
  return undefined
}
