import { authorize } from '../authorize.ts'
import {
  beforePolicies,
  concerns,
  decide,
  type Decision,
  type DenialReason,
  explicitDeny,
  isCrossAccount,
  type LayerVerdict,
} from '../decide.ts'
import { describeVia, explainPolicy, outcomeOf } from './explain-policy.ts'
import { type ExplanationNode, fact, type Hidden, NOTHING_HIDDEN } from './explanation.ts'
import { type Layer, LAYER_NAMES, LAYERS, type PolicySource, type Question } from '../layers.ts'
import { Via } from '../principal.ts'

export type { ExplanationNode } from './explanation.ts'

/** A decision and everything that it rests on. */
export interface Explanation {
  readonly decision: Decision
  readonly tree: ExplanationNode
}

interface ExplainedLayer {
  readonly verdict: LayerVerdict
  readonly children: readonly ExplanationNode[]
}

const LABELS: Readonly<Record<Layer, string>> = {
  identity: 'Identity-based policies',
  boundary: 'Permissions boundary',
  session: 'Session policies',
  scp: 'Service control policies',
  rcp: 'Resource control policies',
  vpce: 'VPC endpoint policy',
  resource: 'Resource-based policy',
}

/**
 * Answers as `authorize` does, but evaluates everything and gives all reasons.
 *
 * INVARIANT: it is allowed where `authorize` allows it, and refused for the same reason: but whoever may not read the
 * caller's side is given that of the resource's side, where there is one. Slow; for denials and for those who ask.
 *
 * @param hidden what is not the reader's
 */
export function explain(question: Question, hidden: Hidden = NOTHING_HIDDEN): Explanation {
  const verdicts: { [L in Layer]?: LayerVerdict } = {}
  const nodes: ExplanationNode[] = []
  let denied: Decision | undefined
  for (const layer of LAYERS) {
    if (!concerns(layer, question.caller)) {
      nodes.push(fact(LABELS[layer], 'info', 'do not apply to an AWS service'))
      continue
    }
    const explained = explainLayer(question, layer, hidden)
    // SECURITY: whether there is such a layer is not the reader's to know either.
    if (hidden.layers.includes(layer)) nodes.push(fact(LABELS[layer], 'info', 'of another account, and not shown'))
    else if (explained === undefined) nodes.push(fact(LABELS[layer], 'info', 'none'))
    else nodes.push(fact(LABELS[layer], outcomeOf(explained.verdict), undefined, explained.children))
    if (explained === undefined) continue
    const { verdict } = explained
    verdicts[layer] = verdict
    if (verdict.outcome === 'ExplicitDeny') denied ??= explicitDeny(layer, verdict.source)
  }
  const made = beforePolicies(question) ?? denied ?? decide(question, verdicts)
  const decision = hidden.layers.includes('identity') ? ofResourceSide(question, made) : made
  const { action, resource } = question.request
  // What a resource gives is told by its layer and its grants.
  const isResourceHidden = hidden.layers.includes('resource')
  const given = isResourceHidden ? [] : [explainGrants(question)]
  const derived = derivedFacts(question, isResourceHidden ? null : verdicts)
  const children = [...nodes, ...given, ...derived]
  const tree = fact(
    `${action} on ${resource}`,
    decision.allowed ? 'allow' : 'deny',
    sentence(decision, hidden),
    children,
  )
  return { decision, tree }
}

/** The reason that the resource's side has of its own to refuse; the other side may have one as well. */
function ofResourceSide(question: Question, decision: Decision): Decision {
  if (decision.allowed || question.notEnabledIn !== undefined) return decision
  const { resource, rcp } = question.layers
  const layers = { ...(resource !== undefined && { resource }), ...(rcp !== undefined && { rcp }) }
  const own = authorize({ ...question, caller: { ...question.caller, type: 'root' }, layers })
  return own.allowed ? decision : own
}

function explainLayer(question: Question, layer: Layer, hidden: Hidden): ExplainedLayer | undefined {
  const { layers } = question
  if (layer === 'scp' || layer === 'rcp') return explainLevels(question, layers[layer], hidden)
  if (layer === 'identity' || layer === 'session') {
    const sources = layers[layer]
    return sources === undefined ? undefined : explainUnion(question, sources, hidden)
  }
  const source = layers[layer]
  return source === undefined ? undefined : explainUnion(question, [source], hidden)
}

function explainUnion({ request, caller }: Question, sources: readonly PolicySource[], hidden: Hidden): ExplainedLayer {
  const children: ExplanationNode[] = []
  let denying: PolicySource | undefined
  let via = 0
  for (const [index, source] of sources.entries()) {
    const label = source.name ?? source.arn ?? `Policy ${index + 1}`
    const { verdict, node } = explainPolicy(label, source.policy, { request, caller, hidden })
    children.push(node)
    if (verdict.outcome === 'ExplicitDeny') denying ??= source
    via |= verdict.via
  }
  if (denying !== undefined) return { verdict: { outcome: 'ExplicitDeny', via: 0, source: denying }, children }
  return { verdict: { outcome: via === 0 ? 'NoMatch' : 'Allow', via }, children }
}

function explainLevels(
  question: Question,
  levels: readonly (readonly PolicySource[])[] | undefined,
  hidden: Hidden,
): ExplainedLayer | undefined {
  if (levels === undefined) return undefined
  const explained = levels.map((level) => explainUnion(question, level, hidden))
  const children = explained.map(({ verdict, children }, index) =>
    fact(`Level ${index + 1}`, outcomeOf(verdict), undefined, children),
  )
  const denying = explained.find(({ verdict }) => verdict.outcome === 'ExplicitDeny')
  if (denying !== undefined) return { verdict: denying.verdict, children }
  const lacking = explained.some(({ verdict }) => verdict.outcome === 'NoMatch')
  return { verdict: { outcome: lacking ? 'NoMatch' : 'Allow', via: 0 }, children }
}

function explainGrants({ grants = [] }: Question): ExplanationNode {
  if (grants.length === 0) return fact('Grants', 'info', 'none matches')
  const children = grants.map(({ id, grantee, issuingAccount }) =>
    fact(id ?? 'Grant', 'allow', `to the caller as ${grantee}, issued in account ${issuingAccount}`),
  )
  return fact('Grants', 'allow', undefined, children)
}

/**
 * What follows from the layers together, and which nobody sees by reading one policy.
 *
 * @param verdicts null where what the resource says is not the reader's
 */
function derivedFacts(
  question: Question,
  verdicts: { readonly [L in Layer]?: LayerVerdict } | null,
): ExplanationNode[] {
  const facts: string[] = []
  const { caller, layers } = question
  const isForeign = isCrossAccount(question)
  if (question.notEnabledIn !== undefined) {
    facts.push(`The caller's account has not enabled ${question.notEnabledIn}: none of its permissions counts there.`)
  }
  if (isForeign) {
    facts.push(
      question.crossAccount
        ? 'The resource is of another account: both the resource and the policies of the caller must allow.'
        : 'The resource is of another account, from which this permission can never be used.',
    )
  }
  if (verdicts === null) return facts.map((text) => fact(text, 'info'))
  const via = verdicts.resource?.via ?? 0
  // A policy that denies was not asked what else it allows.
  if (layers.resource !== undefined && verdicts.resource?.outcome !== 'ExplicitDeny') {
    if (via !== 0) facts.push(`The resource-based policy allows by naming ${describeVia(via)}.`)
    if (isForeign) {
      if (via === 0) facts.push('The resource-based policy lets in neither the caller nor its account.')
    } else if ((via & Via.Account) === 0) {
      facts.push('The resource-based policy does not leave this to the policies of the account.')
    } else if (caller.type !== 'root') {
      facts.push('The resource-based policy leaves this to the policies of the account, which must allow too.')
    }
    if ((via & Via.Role) !== 0 && !isForeign) {
      facts.push('The role is named: its identity-based policies need not allow, boundary and session policies must.')
    }
  }
  return facts.map((text) => fact(text, 'info'))
}

function sentence(decision: Decision, hidden: Hidden): string {
  if (decision.allowed) return 'allowed'
  const isHidden = hidden.layers.includes(decision.reason.layer) && decision.reason.notEnabledIn === undefined
  return isHidden ? "denied: by the caller's own side" : describeReason(decision.reason)
}

/** Says why a request was denied, as `denied: no identity-based policy allows it`. */
function describeReason({ kind, layer, policyArn, notCrossAccount, notEnabledIn }: DenialReason): string {
  if (notEnabledIn !== undefined) return `denied: the caller's account has not enabled ${notEnabledIn}`
  if (notCrossAccount === true) return 'denied: this permission cannot be used from another account'
  const name = LAYER_NAMES[layer]
  if (kind === 'implicit-deny') return `denied: no ${name} allows it`
  const article = name.startsWith('i') ? 'an' : 'a'
  return `denied: explicitly in ${article} ${name}${policyArn === undefined ? '' : ` (${policyArn})`}`
}
