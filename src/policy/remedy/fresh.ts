import type { PatternElement, Statement } from '../parse/document.ts'
import type { Layer, PolicySource, Question } from '../layers.ts'
import { behindAll } from './change.ts'
import type { RemedyFacts } from './option.ts'

const AT = { line: 0, column: 0 }

/** An element of one pattern. */
export function onePattern(value: string): PatternElement {
  return { ...AT, negated: false, patterns: [{ ...AT, value }] }
}

/** The element with a pattern more; null where it says what it leaves out, or is not there. */
export function patternsWith(element: PatternElement | undefined, value: string): PatternElement | null {
  if (element === undefined || element.negated) return null
  return { ...element, patterns: [...element.patterns, { ...AT, value }] }
}

/** The principal of a statement as one entry. */
export function entryOf(value: string, type: Question['caller']['type']) {
  return { ...AT, value, type: type === 'service' ? ('Service' as const) : ('AWS' as const) }
}

/**
 * A statement that gives what is asked to who asks, and nothing else.
 *
 * @param target the policy that it is for; null is a new one
 */
export function freshStatement(
  layer: Layer,
  { request, caller }: Question,
  { principal }: Pick<RemedyFacts, 'principal'>,
  target: PolicySource | null,
): Statement {
  const isOfResource = layer === 'resource'
  const isTrust = target?.policy.document.kind === 'trust'
  return {
    ...behindAll(target?.policy),
    effect: 'Allow',
    ...(isOfResource && { principal: { ...AT, negated: false, entries: [entryOf(principal, caller.type)] } }),
    action: onePattern(request.action),
    ...(!isTrust && { resource: onePattern(isOfResource ? '*' : request.resource) }),
    conditions: [],
  }
}
