import type { ConditionClause, PatternElement, PrincipalElement, Statement } from '../document.ts'
import { matches } from '../evaluate.ts'
import type { Layer, PolicySource, Question } from '../layers.ts'
import { adjustCondition } from './adjust-condition.ts'
import { behindAll } from './change.ts'
import { nearest, type Near } from './misses.ts'
import { alsoOpens } from './opens.ts'
import type { Option, RemedyFacts } from './option.ts'

/** Policies of which one must allow. */
export interface Lacking {
  readonly layer: Layer
  readonly sources: readonly PolicySource[]
}

const AT = { line: 0, column: 0 }

/**
 * What would make one of some policies allow what is asked.
 *
 * First the statement that comes closest, with a value or name more; then a statement of its own under the same
 * conditions; and only then what opens more than the request.
 */
export function allowOptions({ layer, sources }: Lacking, question: Question, facts: RemedyFacts): readonly Option[] {
  const mutable = sources.filter(isOfCustomer)
  const near = nearest(mutable, question)
  const copied = layer === 'resource' ? elsewhereOptions(mutable[0] ?? null, question, facts) : []
  const resolvedAgain = layer === 'resource' && facts.hasNamesake ? sources.map((source): Option => ({ kind: 'put-again', layer, source })) : []
  const options = near.flatMap((each) => nearOptions(each, layer, question, facts))
  const guards = near.flatMap(({ statement, misses }) => (misses.conditions.length > 0 ? [statement.source] : []))
  const target = layer === 'identity' ? null : (mutable[0] ?? null)
  const bare = freshStatement(layer, question, facts, target)
  const fresh = policyOption(
    { layer, source: target, before: null, after: bare },
    guards.length === 0 ? [] : [`whatever the conditions of ${guards.map(nameOf).join(' and ')} guard`],
  )
  const [exact, wide] = [options.filter((each) => !isWide(each)), options.filter(isWide)]
  const first = near[0]?.misses.conditions.length === 0 ? exact : options
  const others = first === exact ? wide : []
  return [...resolvedAgain, ...copied, ...first, fresh, ...others, ...accountOptions(layer, bare, target, facts)]
}

/** What lets the caller in elsewhere: as it is where that is no more than is asked, else so much of it. */
function elsewhereOptions(
  source: PolicySource | null,
  question: Question,
  facts: RemedyFacts,
): readonly Option[] {
  const { request, caller } = question
  const letting = facts.elsewhere.flatMap(({ policy }) =>
    policy.candidates(request.action).allow.filter((statement) => matches(statement, request, caller) !== 0),
  )
  return letting.slice(0, 1).flatMap(({ source: there }): readonly Option[] => {
    const place = { layer: 'resource', source, before: null } as const
    const opens = alsoOpens(there, question, facts.principal, ['action', 'principal'])
    const whole = policyOption({ ...place, after: { ...there, ...behindAll(source?.policy) } }, opens)
    const { conditions } = there
    const own = { ...freshStatement('resource', question, facts, source), conditions }
    return opens.length === 0 ? [whole] : [policyOption({ ...place, after: own }, []), whole]
  })
}

/** Policies of AWS's own cannot be changed. */
export function isOfCustomer({ arn }: PolicySource): boolean {
  return arn === undefined || !/^arn:[^:]+:(?:iam|organizations)::aws:/.test(arn)
}

/** A statement as people find it. */
export function nameOf({ index, sid }: Pick<Statement, 'index' | 'sid'>): string {
  return `statement ${index}${sid === undefined ? '' : ` "${sid}"`}`
}

function isWide(option: Option): boolean {
  return option.kind === 'policy' && option.opens.length > 0
}

function policyOption(change: Extract<Option, { kind: 'policy' }>['change'], opens: readonly string[]): Option {
  return { kind: 'policy', change, opens }
}

function nearOptions(near: Near, layer: Layer, question: Question, facts: RemedyFacts): readonly Option[] {
  const { source, statement, misses } = near
  const advice = misses.conditions.flatMap((index) => adviceOn(near, index, facts))
  // What never comes out otherwise here is no way to go.
  if (advice.some(({ kind }) => kind === 'never')) return advice.filter(({ kind }) => kind === 'never')
  const fitted = fittedConditions(near, question)
  const inRequest = misses.action || misses.principal || misses.resource ? [] : advice
  if (fitted === null) return inRequest
  const extended = extend(near, fitted, question, facts)
  const own = {
    ...freshStatement(layer, question, facts, source),
    conditions: fitted.map((clause, index) =>
      misses.conditions.includes(index) ? onlyNew(clause, statement.source.conditions[index]) : clause,
    ),
  }
  const target = layer === 'identity' ? null : source
  return [
    ...extended,
    ...(statement.conditions.length > 0 && misses.conditions.length === 0
      ? [policyOption({ layer, source: target, before: null, after: own }, [])]
      : []),
    ...inRequest,
  ]

  function extend(
    { statement: { source: before } }: Near,
    conditions: readonly ConditionClause[],
    asked: Question,
    { principal, sharedBy }: RemedyFacts,
  ): readonly Option[] {
    const after = withNames({ ...before, conditions }, near, asked, principal)
    if (after === null) return []
    const parts = (['action', 'principal', 'resource'] as const).filter(
      (part) => !misses[part] && (layer !== 'resource' || part !== 'resource'),
    )
    const others = sharedBy(source)
    const opens = [...alsoOpens(before, asked, principal, parts), ...(others === null ? [] : [others])]
    return [policyOption({ layer, source, before, after }, opens)]
  }
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
function fittedConditions({ statement, misses }: Near, { request }: Question): readonly ConditionClause[] | null {
  const wanted = { keys: request.keys, effect: statement.effect, holds: true }
  const fitted = statement.source.conditions.map((clause, index) => {
    const condition = statement.conditions[index]
    if (!misses.conditions.includes(index) || condition === undefined) return clause
    return adjustCondition(clause, condition, wanted)
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
  const named = misses.principal ? principalWith(statement.principal, principal, caller.type) : statement.principal
  if (action === null || resource === null || named === null) return null
  return {
    ...statement,
    ...(action !== undefined && { action }),
    ...(resource !== undefined && { resource }),
    ...(named !== undefined && { principal: named }),
  }
}

function patternsWith(element: PatternElement | undefined, value: string): PatternElement | null {
  if (element === undefined || element.negated) return null
  return { ...element, patterns: [...element.patterns, { ...AT, value }] }
}

function principalWith(
  element: PrincipalElement | undefined,
  value: string,
  type: Question['caller']['type'],
): PrincipalElement | null {
  if (element === undefined || element.negated) return null
  return { ...element, entries: [...element.entries, { ...AT, value, type: typeOf(type) }] }
}

function typeOf(type: Question['caller']['type']): 'AWS' | 'Service' {
  return type === 'service' ? 'Service' : 'AWS'
}

/** A statement that gives what is asked, and nothing else. */
function freshStatement(
  layer: Layer,
  { request, caller }: Question,
  { principal }: RemedyFacts,
  target: PolicySource | null,
): Statement {
  const one = (value: string): PatternElement => ({ ...AT, negated: false, patterns: [{ ...AT, value }] })
  const isOfResource = layer === 'resource'
  const entry = { ...AT, value: principal, type: typeOf(caller.type) }
  const isTrust = target?.policy.document.kind === 'trust'
  return {
    ...behindAll(target?.policy),
    effect: 'Allow',
    ...(isOfResource && { principal: { ...AT, negated: false, entries: [entry] } }),
    action: one(request.action),
    ...(!isTrust && { resource: one(isOfResource ? '*' : request.resource) }),
    conditions: [],
  }
}

/** That the policy of a resource leaves it to the caller's account. */
function accountOptions(
  layer: Layer,
  statement: Statement,
  source: PolicySource | null,
  { account, principal }: RemedyFacts,
): readonly Option[] {
  if (layer !== 'resource' || account === null || account === principal) return []
  const entries = [{ ...AT, value: account, type: 'AWS' as const }]
  const after = { ...statement, principal: { ...AT, negated: false, entries } }
  return [policyOption({ layer, source, before: null, after }, [`for whomever the policies of ${account} let`])]
}
