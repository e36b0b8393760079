import { authorize } from '../authorize.ts'
import type { DenialReason } from '../decide.ts'
import { evaluate } from '../evaluate.ts'
import { Via } from '../principal.ts'
import type { ConditionKeys } from '../context.ts'
import { compilePolicy } from '../compile.ts'
import { LAYERS, type Layer, type PolicySource, type Question } from '../layers.ts'
import { parsePolicy } from '../parse/parse.ts'
import { allowOptions } from './allow-options.ts'
import type { Lacking } from './lacking.ts'
import { supposeChanged, supposePutAgain } from './change.ts'
import { denyingIn, denyOptions, type Denying } from './deny-options.ts'
import { nearest } from './misses.ts'
import type { Option, RemedyFacts } from './option.ts'

/** One thing that keeps a request from being allowed, and what would help. */
export interface Step {
  readonly reason: DenialReason
  /** Whether this is not the reader's: then nothing else is told. */
  readonly isHidden: boolean
  /** The statement that denies; null where something is missing. */
  readonly denying: Denying | null
  /** The policies of which one must allow; null where a statement denies. */
  readonly lacking: Lacking | null
  /** Each by itself takes the step; the smallest first. */
  readonly options: readonly Option[]
}

/** What is in the way of a request, all of it. */
export interface Remedies {
  readonly steps: readonly Step[]
  /** Whether the request is allowed once the first option of each step is taken: the engine has tried. */
  readonly isEnough: boolean
}

/** As many layers as there are, twice. */
const MOST_STEPS = 2 * LAYERS.length

function enabled(question: Question): Question {
  const { notEnabledIn: _, ...others } = question
  return others
}

/** Finds what is in the way of a request by supposing, one after the other, that it is removed. */
export function findRemedies(question: Question, facts: RemedyFacts): Remedies {
  const steps: Step[] = []
  let supposed = question
  while (steps.length < MOST_STEPS) {
    const decision = authorize(supposed)
    if (decision.allowed) return { steps, isEnough: true }
    const step = stepFor(decision.reason, supposed, facts)
    steps.push(step)
    const next =
      decision.reason.notEnabledIn !== undefined
        ? enabled(supposed)
        : step.isHidden
          ? withoutLayer(supposed, decision.reason.layer)
          : takeFirst(step, supposed, facts)
    if (next === null) break
    supposed = next
  }
  return { steps, isEnough: false }
}

function stepFor(reason: DenialReason, question: Question, facts: RemedyFacts): Step {
  const none = { reason, isHidden: false, denying: null, lacking: null, options: [] }
  if (reason.notEnabledIn !== undefined || reason.notCrossAccount === true) return none
  const { layer } = reason
  if (facts.hidden.layers.includes(layer)) return { ...none, isHidden: true }
  if (reason.kind === 'explicit-deny') {
    const [denying = null] = denyingIn(layer, levelsOf(layer, question).flat(), question)
    if (denying === null) return none
    const options = denyOptions(denying, question, facts).filter((option) =>
      helps(option, question, facts, { denying }),
    )
    return { ...none, denying, options }
  }
  const lacking = lackingOf(layer, question, facts)
  const options = allowOptions(lacking, question, facts).filter((option) => helps(option, question, facts, { lacking }))
  return { ...none, lacking, options: withoutDuplicates(options) }
}

/** The policies of a layer, by levels that must all allow. */
function levelsOf(layer: Layer, { layers }: Question): readonly (readonly PolicySource[])[] {
  if (layer === 'scp' || layer === 'rcp') return layers[layer] ?? []
  if (layer === 'identity' || layer === 'session') return [layers[layer] ?? []]
  const source = layers[layer]
  return [source === undefined ? [] : [source]]
}

/** Of a layer's levels the first that does not allow. */
function lackingOf(layer: Layer, question: Question, { hidden }: RemedyFacts): Lacking {
  const { layers, caller, resourceAccount } = question
  const levels = levelsOf(layer, question)
  const sources = levels.find((level) => !allows(level, question)) ?? levels[0] ?? []
  const isOwn = layer === 'resource' || (layer === 'identity' && resourceAccount === caller.account)
  const resource = (isOwn && !hidden.layers.includes('resource') ? layers.resource : undefined) ?? null
  const inResource = layer === 'identity' && resource !== null ? nearest('resource', [resource], question) : []
  // What names the caller itself there is closer than what others' policies say.
  const direct = inResource.filter(({ misses, statement }) => {
    return misses.conditions.length > 0 && (statement.matchesPrincipal(caller) & ~Via.Account) !== 0
  })
  return { layer, sources, resource, near: [...direct, ...nearest(layer, sources, question)] }
}

function allows(sources: readonly PolicySource[], { request, caller }: Question): boolean {
  return sources.some(({ policy }) => evaluate(policy, request, caller).outcome === 'Allow')
}

/** Whether an option takes a step: what it says is tried, but for what it would take a person to know. */
function helps(
  option: Option,
  question: Question,
  facts: RemedyFacts,
  { denying, lacking }: { readonly denying?: Denying; readonly lacking?: Lacking },
): boolean {
  if (option.kind === 'request' || option.kind === 'never') return true
  const next = take(option, question, facts)
  if (next === null) return false
  if (denying !== undefined) {
    const { layer, statement } = denying
    const left = denyingIn(layer, levelsOf(layer, next).flat(), next)
    return (
      !left.some((each) => each.statement.source.index === statement.source.index && each.source === denying.source) &&
      left.length < denyingIn(layer, levelsOf(layer, question).flat(), question).length
    )
  }
  if (lacking === undefined) return false
  const decision = authorize(next)
  if (decision.allowed || decision.reason.layer !== lacking.layer) return true
  return lacking.layer === 'scp' && lackingLevels(next) < lackingLevels(question)
}

function lackingLevels(question: Question): number {
  return levelsOf('scp', question).filter((level) => !allows(level, question)).length
}

/** The question once the first option of a step is taken; null where there is none that can be supposed. */
function takeFirst({ options }: Step, question: Question, facts: RemedyFacts): Question | null {
  for (const option of options) {
    const next = take(option, question, facts)
    if (next !== null) return next
  }
  return null
}

function take(option: Option, question: Question, facts: RemedyFacts): Question | null {
  switch (option.kind) {
    case 'policy':
      return supposeChanged(question, option.change, facts.resolve)
    case 'put-again':
      return supposePutAgain(question, option, facts.resolve)
    case 'request':
      return asking(option, question)
    case 'never':
      return null
  }
}

/** The question with the first value of a condition in place of what the request has; null where that does not help. */
function asking({ condition, holds }: Extract<Option, { kind: 'request' }>, question: Question): Question | null {
  const { keys } = question.request
  for (const value of [...condition.values, undefined]) {
    const other: ConditionKeys = {
      get: (name) => (name === condition.lowerCaseKey ? value : keys.get(name)),
    }
    if (condition.holds(other) === holds) return { ...question, request: { ...question.request, keys: other } }
  }
  return null
}

function withoutDuplicates(options: readonly Option[]): readonly Option[] {
  const seen = new Set<string>()
  return options.filter((option) => {
    if (option.kind !== 'policy') return true
    const { layer, after } = option.change
    const id = JSON.stringify([layer, after])
    if (seen.has(id)) return false
    seen.add(id)
    return true
  })
}

const EVERYTHING = {
  identity: allowingAll({}, 'identity'),
  resource: allowingAll({ Principal: '*' }, 'key'),
}

/** The question as if a layer that is not the reader's said yes. */
function withoutLayer(question: Question, layer: Layer): Question {
  const { [layer]: _, ...others } = question.layers
  if (layer === 'identity') return { ...question, layers: { ...others, identity: [EVERYTHING.identity] } }
  if (layer === 'resource') return { ...question, layers: { ...others, resource: EVERYTHING.resource } }
  if (layer === 'session' && question.caller.type === 'federated') {
    return { ...question, layers: { ...others, session: [EVERYTHING.identity] } }
  }
  const caller = layer === 'boundary' ? { ...question.caller, hasBoundary: false } : question.caller
  return { ...question, caller, layers: others }
}

function allowingAll(principal: object, kind: 'identity' | 'key'): PolicySource {
  const statement = { Effect: 'Allow', ...principal, Action: '*', Resource: '*' }
  const read = parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: statement }), kind)
  if (!read.ok) throw new Error(`INVARIANT: this is a policy. ${read.errors[0].message}`)
  return { policy: compilePolicy(read.policy) }
}
