import { beforePolicies, concerns, decide, type Decision, explicitDeny, type LayerVerdict } from './decide.ts'
import { evaluate } from './evaluate.ts'
import { type Layer, LAYERS, type PolicySource, type Question } from './layers.ts'

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
  const verdicts: { [L in Layer]?: LayerVerdict } = {}
  for (const layer of LAYERS) {
    if (!concerns(layer, question.caller)) continue
    const verdict = evaluateLayer(question, layer)
    if (verdict === undefined) continue
    if (verdict.outcome === 'ExplicitDeny') return explicitDeny(layer, verdict.source)
    verdicts[layer] = verdict
  }
  return decide(question, verdicts)
}

function evaluateLayer(question: Question, layer: Layer): LayerVerdict | undefined {
  const { layers } = question
  if (layer === 'scp' || layer === 'rcp') return evaluateLevels(question, layers[layer])
  if (layer === 'identity' || layer === 'session') {
    const policies = layers[layer]
    return policies === undefined ? undefined : evaluateUnion(question, policies)
  }
  const source = layers[layer]
  return source === undefined ? undefined : evaluateOne(question, source)
}

function evaluateOne({ request, caller }: Question, source: PolicySource): LayerVerdict {
  const verdict = evaluate(source.policy, request, caller)
  return verdict.outcome === 'ExplicitDeny' ? { ...verdict, source } : verdict
}

/** Policies side by side: any may deny, any may allow. */
function evaluateUnion({ request, caller }: Question, sources: readonly PolicySource[]): LayerVerdict {
  let via = 0
  for (const source of sources) {
    const verdict = evaluate(source.policy, request, caller)
    if (verdict.outcome === 'ExplicitDeny') return { ...verdict, source }
    via |= verdict.via
  }
  return { outcome: via === 0 ? 'NoMatch' : 'Allow', via }
}

/** Levels one under the other: any may deny, all must allow. */
function evaluateLevels(
  question: Question,
  levels: readonly (readonly PolicySource[])[] | undefined,
): LayerVerdict | undefined {
  if (levels === undefined) return undefined
  let outcome: LayerVerdict['outcome'] = 'Allow'
  for (const level of levels) {
    const verdict = evaluateUnion(question, level)
    if (verdict.outcome === 'ExplicitDeny') return verdict
    if (verdict.outcome === 'NoMatch') outcome = 'NoMatch'
  }
  return { outcome, via: 0 }
}
