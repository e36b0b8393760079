import { beforePolicies, concerns, decide, type Decision, explicitDeny, type LayerVerdict } from './decide.ts'
import { allowed, evaluate } from './evaluate.ts'
import type { PolicyLayers, PolicySource, Question } from './layers.ts'
import { Via } from './principal.ts'

export type { Decision, DenialReason } from './decide.ts'
export type { Layer, MatchingGrant, PolicyCaller, PolicyLayers, PolicySource, Question } from './layers.ts'

/**
 * Answers whether a request is allowed.
 *
 * Ends at the first explicit deny, in the order identity, boundary, session, SCP, RCP, VPC endpoint, resource; AWS
 * leaves the order open, and it decides only which layer is reported. `explain` gives the same answer with all its
 * reasons.
 */
export function authorize(question: Question): Decision {
  const decided = beforePolicies(question)
  if (decided !== undefined) return decided
  const { layers, caller } = question
  const own = concerns('identity', caller) ? layers : NONE
  const identity = evaluateUnion(question, own.identity)
  if (denies(identity)) return explicitDeny('identity', identity.source)
  const boundary = evaluateOne(question, own.boundary)
  if (denies(boundary)) return explicitDeny('boundary', boundary.source)
  const session = evaluateUnion(question, own.session)
  if (denies(session)) return explicitDeny('session', session.source)
  const scp = evaluateLevels(question, own.scp)
  if (denies(scp)) return explicitDeny('scp', scp.source)
  const rcp = evaluateLevels(question, layers.rcp)
  if (denies(rcp)) return explicitDeny('rcp', rcp.source)
  const vpce = evaluateOne(question, layers.vpce)
  if (denies(vpce)) return explicitDeny('vpce', vpce.source)
  const resource = evaluateOne(question, layers.resource)
  if (denies(resource)) return explicitDeny('resource', resource.source)
  return decide(question, { identity, boundary, session, scp, rcp, vpce, resource })
}

/** The caller's layers of an AWS service that acts as itself. */
const NONE: PolicyLayers = Object.freeze({})

function denies(verdict: LayerVerdict | undefined): verdict is LayerVerdict & { readonly outcome: 'ExplicitDeny' } {
  return verdict?.outcome === 'ExplicitDeny'
}

function evaluateOne({ request, caller }: Question, source: PolicySource | undefined): LayerVerdict | undefined {
  if (source === undefined) return undefined
  const verdict = evaluate(source.policy, request, caller)
  return denies(verdict) ? { ...verdict, source } : verdict
}

/** Policies side by side: any may deny, any may allow. */
function evaluateUnion(
  { request, caller }: Question,
  sources: readonly PolicySource[] | undefined,
): LayerVerdict | undefined {
  if (sources === undefined) return undefined
  let via = 0
  for (const source of sources) {
    const verdict = evaluate(source.policy, request, caller)
    if (denies(verdict)) return { ...verdict, source }
    via |= verdict.via
  }
  return allowed(via)
}

/** Levels one under the other: any may deny, all must allow. */
function evaluateLevels(
  question: Question,
  levels: readonly (readonly PolicySource[])[] | undefined,
): LayerVerdict | undefined {
  if (levels === undefined) return undefined
  let via: number = Via.Star
  for (const level of levels) {
    const verdict = evaluateUnion(question, level)
    if (denies(verdict)) return verdict
    if (verdict?.outcome !== 'Allow') via = 0
  }
  return allowed(via)
}
