import type { CompiledPolicy, CompiledStatement } from '../compile.ts'
import type { Condition } from '../conditions/condition.ts'
import { beforePolicies, concerns, decide, type LayerVerdict } from '../decide.ts'
import type { Effect } from '../parse/document.ts'
import { describeCondition, describeResource } from './describe.ts'
import { type Layer, LAYERS, type MatchingGrant, type PolicySource, type Question } from '../layers.ts'
import { allOf, anyOf, idOf, not, open, type Rest } from './rest.ts'

/** A grant that gives what is asked where the rest holds: its constraints may depend on what is open. */
export interface ConditionalGrant extends MatchingGrant {
  readonly when: Rest
}

/** A question of which not all is known. */
export interface OpenQuestion extends Omit<Question, 'grants'> {
  /** Says whether a condition key is left open; by its lower-case name. */
  readonly isOpen: (lowerCaseKey: string) => boolean
  readonly grants: readonly ConditionalGrant[]
}

/** One thing that a decision is made from, and when it is so. */
interface Fact {
  readonly when: Rest
  /** Puts it into what is decided. */
  readonly put: (supposed: Supposed) => void
}

/** What the layers say and which grants match, as it is supposed. */
interface Supposed {
  readonly verdicts: { [L in Layer]?: LayerVerdict }
  readonly grants: MatchingGrant[]
}

/**
 * Answers as `authorize` does, as far as the answer is the same whatever the open keys are; the rest is what it
 * depends on.
 *
 * INVARIANT: settled with the keys that a request has, the rest is what `authorize` answers to that request. It walks
 * the same compiled policies, and leaves the decision to `decide`.
 */
export function authorizePartially(question: OpenQuestion): Rest {
  if (beforePolicies({ ...question, grants: [] }) !== undefined) return false
  const layers = LAYERS.filter((layer) => concerns(layer, question.caller))
  const denied = anyOf(layers.map((layer) => denyOf(question, layer)))
  if (denied === true) return false
  const allowed = suppose(question, factsOf(question, layers), [])
  return allOf([not(denied), allowed])
}

/**
 * Goes through what is not certain, one after the other: supposed that it is so, and supposed that it is not. More
 * permissions never allow less, so what is allowed without one is allowed with it.
 */
function suppose(question: OpenQuestion, facts: readonly Fact[], given: readonly Fact[]): Rest {
  const certain = [...given, ...facts.filter(({ when }) => when === true)]
  const uncertain = facts.filter(({ when }) => typeof when !== 'boolean')
  const least = isAllowed(question, certain)
  const [first, ...others] = uncertain
  if (first === undefined || least || !isAllowed(question, [...certain, ...uncertain])) return least
  const without = suppose(question, others, certain)
  const having = suppose(question, others, [...certain, first])
  return anyOf([without, allOf([first.when, having])])
}

function isAllowed(question: OpenQuestion, facts: readonly Fact[]): boolean {
  const supposed: Supposed = { verdicts: {}, grants: [] }
  for (const layer of LAYERS) {
    if (hasLayer(question, layer) && concerns(layer, question.caller)) {
      supposed.verdicts[layer] = { outcome: 'NoMatch', via: 0 }
    }
  }
  for (const { put } of facts) put(supposed)
  return decide({ ...question, grants: supposed.grants }, supposed.verdicts).allowed
}

function hasLayer({ layers }: OpenQuestion, layer: Layer): boolean {
  return layers[layer] !== undefined
}

function factsOf(question: OpenQuestion, layers: readonly Layer[]): readonly Fact[] {
  return [
    ...layers.flatMap((layer) => (hasLayer(question, layer) ? limitFacts(question, layer) : [])),
    ...resourceFacts(question),
    ...grantFacts(question),
  ]
}

/** That a layer allows, at each of its levels; resource control policies only deny. */
function limitFacts(question: OpenQuestion, layer: Layer): readonly Fact[] {
  if (layer === 'resource' || layer === 'rcp') return []
  const levels = levelsOf(question, layer).map((level) => anyOf(level.map((source) => allowOf(question, source))))
  const put = ({ verdicts }: Supposed) => {
    verdicts[layer] = { outcome: 'Allow', via: 0 }
  }
  return [{ when: allOf(levels), put }]
}

/**
 * What the resource's policy says to a question, as a text: where two policies say the same, so do their answers.
 */
export function resourceSide(question: OpenQuestion): string {
  const facts = resourceFacts(question).map(({ via, when }) => `${via} ${idOf(when)}`)
  return [idOf(denyOf(question, 'resource')), ...facts.toSorted()].join('\n')
}

/** The resource's policy can name a caller in several ways, and each says something of its own. */
function resourceFacts(question: OpenQuestion): readonly (Fact & { readonly via: number })[] {
  const source = question.layers.resource
  if (source === undefined) return []
  const whens = new Map<number, Rest[]>()
  for (const { via, when } of statementsOf(question, source.policy, 'Allow')) {
    const others = whens.get(via)
    if (others === undefined) whens.set(via, [when])
    else others.push(when)
  }
  return [...whens].map(([via, rests]) => ({
    via,
    when: anyOf(rests),
    put: ({ verdicts }: Supposed) => {
      verdicts.resource = { outcome: 'Allow', via: (verdicts.resource?.via ?? 0) | via }
    },
  }))
}

/** One for each way of naming the caller and side that issued it: more of the same say no more. */
function grantFacts({ grants, caller }: OpenQuestion): readonly Fact[] {
  const kinds = Map.groupBy(grants, ({ grantee, issuingAccount }) => `${grantee} ${issuingAccount === caller.account}`)
  return [...kinds.values()].flatMap((alike) => {
    const [first] = alike
    if (first === undefined) return []
    const put = ({ grants: matching }: Supposed) => void matching.push(first)
    return [{ when: anyOf(alike.map(({ when }) => when)), put }]
  })
}

function denyOf(question: OpenQuestion, layer: Layer): Rest {
  const sources = levelsOf(question, layer).flat()
  return anyOf(sources.flatMap(({ policy }) => statementsOf(question, policy, 'Deny').map(({ when }) => when)))
}

function allowOf(question: OpenQuestion, { policy }: PolicySource): Rest {
  return anyOf(statementsOf(question, policy, 'Allow').map(({ when }) => when))
}

/** The policies of a layer, by levels that must all allow. */
function levelsOf({ layers }: OpenQuestion, layer: Layer): readonly (readonly PolicySource[])[] {
  if (layer === 'scp' || layer === 'rcp') return layers[layer] ?? []
  if (layer === 'identity' || layer === 'session') return [layers[layer] ?? []]
  const source = layers[layer]
  return source === undefined ? [] : [[source]]
}

/** The statements that may match, how they name the caller, and when they do. */
function statementsOf(
  { request, caller, isOpen }: OpenQuestion,
  policy: CompiledPolicy,
  effect: Effect,
): readonly { readonly via: number; readonly when: Rest }[] {
  const { deny, allow } = policy.candidates(request.action)
  return (effect === 'Deny' ? deny : allow).flatMap((statement) => {
    const via = statement.matchesPrincipal(caller)
    if (via === 0) return []
    const when = allOf([
      resourceOf(statement, request, isOpen),
      ...statement.conditions.map((condition) => conditionOf(condition, effect, request.keys, isOpen)),
    ])
    return when === false ? [] : [{ via, when }]
  })
}

function resourceOf(
  statement: CompiledStatement,
  request: OpenQuestion['request'],
  isOpen: OpenQuestion['isOpen'],
): Rest {
  if (!statement.resourceVariables.some(isOpen)) return statement.matchesResource(request)
  const holds: (keys: typeof request.keys) => boolean = (keys) => statement.matchesResource({ ...request, keys })
  return open({ ...describeResource(statement), holds })
}

function conditionOf(
  condition: Condition,
  effect: Effect,
  keys: OpenQuestion['request']['keys'],
  isOpen: OpenQuestion['isOpen'],
): Rest {
  const isUnknown = isOpen(condition.lowerCaseKey) || condition.variables.some(isOpen)
  return isUnknown ? open({ ...describeCondition(condition, effect), holds: condition.holds }) : condition.holds(keys)
}
