import type { Statement } from '../parse/document.ts'
import type { PolicySource, Question } from '../layers.ts'
import { accountOf } from '../principal.ts'
import { elsewhereOptions } from './elsewhere-options.ts'
import { entryOf, freshStatement } from './fresh.ts'
import type { Lacking } from './lacking.ts'
import { nearOptions } from './near-options.ts'
import type { Option, PolicyOption, RemedyFacts } from './option.ts'

/**
 * What would make one of some policies allow what is asked: first what keeps its conditions, and last what opens more
 * than the request.
 */
export function allowOptions(lacking: Lacking, question: Question, facts: RemedyFacts): readonly Option[] {
  const { layer, sources, resource, near } = lacking
  const target = layer === 'identity' ? null : (sources.find(isOfCustomer) ?? null)
  const bare = freshStatement(layer, question, facts, target)
  const guards = near.filter(({ misses }) => misses.conditions.length > 0).map((each) => nameOf(each.statement.source))
  const opens = guards.length === 0 ? [] : [`what the conditions of ${guards.join(' and ')} guard`]
  const fresh: PolicyOption = { kind: 'policy', change: { layer, source: target, before: null, after: bare }, opens }
  const again =
    resource !== null && facts.hasNamesake ? [{ kind: 'put-again', layer: 'resource', source: resource } as const] : []
  return [
    ...again,
    ...(resource === null ? [] : elsewhereOptions(lacking, question, facts)),
    ...near.filter(({ source }) => isOfCustomer(source)).flatMap((each) => nearOptions(each, question, facts)),
    fresh,
    ...accountOptions(fresh, facts),
  ]
}

/** Policies of AWS's own cannot be changed. */
export function isOfCustomer({ arn }: PolicySource): boolean {
  return arn === undefined || !/^arn:[^:]+:(?:iam|organizations)::aws:/.test(arn)
}

/** A statement as people find it. */
export function nameOf({ index, sid }: Pick<Statement, 'index' | 'sid'>): string {
  return `statement ${index}${sid === undefined ? '' : ` "${sid}"`}`
}

/** That the policy of a resource leaves it to the caller's account. */
function accountOptions({ change }: PolicyOption, { account, principal }: RemedyFacts): readonly Option[] {
  if (change.layer !== 'resource' || account === null || account === principal) return []
  const entries = [entryOf(account, 'user')]
  const after = { ...change.after, principal: { line: 0, column: 0, negated: false, entries } }
  const whose = `for whomever the policies of account ${accountOf(account) ?? account} let`
  return [{ kind: 'policy', change: { ...change, after }, opens: [whose] }]
}
