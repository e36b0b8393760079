import type { CompiledStatement } from '../compile.ts'
import type { PatternElement, PrincipalElement, Statement } from '../parse/document.ts'
import type { Budget } from './budget.ts'
import { canArnsMeet, canMeet, isArnWithin, isWithin } from './pattern-sets.ts'

/** What one pattern matches, but for what others do. */
export interface Part {
  readonly pattern: string
  readonly except: readonly string[]
}

/** Whom one entry of `Principal` names, or everybody but some. */
export type Whom =
  | { readonly kind: 'named'; readonly type: string; readonly name: string }
  | { readonly kind: 'everyone' }
  | { readonly kind: 'others'; readonly than: readonly string[] }

/** Requests: of some principals, for some actions, on some resources. */
export interface Region {
  readonly whom: Whom
  readonly action: Part
  readonly resource: Part
}

/** How the patterns of an element are compared. */
interface Sets {
  readonly isWithin: (inner: string, outer: string, budget: Budget) => boolean
  readonly canMeet: (one: string, other: string, budget: Budget) => boolean
}

const ACTIONS: Sets = {
  isWithin: (inner, outer, budget) => isWithin(inner.toLowerCase(), outer.toLowerCase(), budget),
  canMeet: (one, other, budget) => canMeet(one.toLowerCase(), other.toLowerCase(), budget),
}
const RESOURCES: Sets = { isWithin: isArnWithin, canMeet: canArnsMeet }

const VARIABLE = /\$\{[^}]*\}?/g

/** A pattern with whatever can stand for its variables. */
function opened(pattern: string): string {
  return pattern.replaceAll(VARIABLE, '*')
}

/** The regions that a statement is about, together all of it and perhaps more: as many as the budget has room for. */
export function* regionsOf({ principal, action, resource }: Statement, budget: Budget): Generator<Region> {
  const actions = partsOf(action)
  const resources = resource === undefined ? [{ pattern: '*', except: [] }] : partsOf(resource)
  for (const whom of whomIn(principal)) {
    for (const each of actions) {
      for (const on of resources) {
        if (!budget.take(1)) return
        yield { whom, action: each, resource: on }
      }
    }
  }
}

function partsOf(element: PatternElement | undefined): readonly Part[] {
  if (element === undefined) return []
  const patterns = element.patterns.map(({ value }) => value)
  if (!element.negated) return patterns.map((pattern) => ({ pattern: opened(pattern), except: [] }))
  // What a variable stands for is not known, so that it may except nothing.
  return [{ pattern: '*', except: patterns.filter((pattern) => !pattern.includes('${')) }]
}

/** A principal as it is compared: an account is its digits. */
function nameOf(type: string, name: string): string {
  return `${type} ${type === 'AWS' ? name.replace(/^arn:aws:iam::(\d{12}):root$/, '$1') : name}`
}

function whomIn(element: PrincipalElement | undefined): readonly Whom[] {
  if (element === undefined) return [{ kind: 'everyone' }]
  const names = element.entries.map(({ type, value }) => nameOf(type, value))
  if (element.negated) return [{ kind: 'others', than: names }]
  return element.entries.map(({ type, value }) =>
    type === 'AWS' && value === '*' ? { kind: 'everyone' } : { kind: 'named', type, name: nameOf(type, value) },
  )
}

/**
 * Whether a statement is about every request of a region, as far as its conditions let it.
 *
 * INVARIANT: true is certain.
 */
export function covers({ source, effect }: CompiledStatement, region: Region, budget: Budget): boolean {
  const { principal, action, resource } = source
  return (
    coversWhom(principal, effect, region.whom) &&
    coversPart(action, region.action, ACTIONS, budget) &&
    (resource === undefined || coversPart(resource, region.resource, RESOURCES, budget))
  )
}

function coversWhom(element: PrincipalElement | undefined, effect: Statement['effect'], whom: Whom): boolean {
  if (element === undefined) return true
  const names = element.entries.map(({ type, value }) => nameOf(type, value))
  if (!element.negated) return names.includes('AWS *') || (whom.kind === 'named' && names.includes(whom.name))
  // Whom a NotPrincipal spares depends on more than names: on the account, and on a boundary.
  if (whom.kind !== 'others' || effect !== 'Allow') return false
  return names.every((name) => whom.than.includes(name))
}

function coversPart(element: PatternElement | undefined, part: Part, sets: Sets, budget: Budget): boolean {
  if (element === undefined) return false
  const patterns = element.patterns.map(({ value }) => value)
  // What a variable stands for is not known.
  if (patterns.some((pattern) => pattern.includes('${'))) return false
  if (!element.negated) return patterns.some((pattern) => sets.isWithin(part.pattern, pattern, budget))
  return patterns.every(
    (pattern) =>
      !sets.canMeet(part.pattern, pattern, budget) ||
      part.except.some((other) => sets.isWithin(pattern, other, budget)),
  )
}

/**
 * Whether a statement can be about a request of a region.
 *
 * INVARIANT: false is certain.
 */
export function meets({ source }: CompiledStatement, region: Region, budget: Budget): boolean {
  const { principal, action, resource } = source
  return (
    meetsWhom(principal, region.whom) &&
    meetsPart(action, region.action, ACTIONS, budget) &&
    (resource === undefined || meetsPart(resource, region.resource, RESOURCES, budget))
  )
}

/** A principal has many names, its account and its role among them: only services and providers have but one. */
function meetsWhom(element: PrincipalElement | undefined, whom: Whom): boolean {
  if (element === undefined || element.negated || whom.kind !== 'named' || whom.type === 'AWS') return true
  return element.entries.some(
    ({ type, value }) => (type === 'AWS' && value === '*') || nameOf(type, value) === whom.name,
  )
}

function meetsPart(element: PatternElement | undefined, part: Part, sets: Sets, budget: Budget): boolean {
  if (element === undefined) return false
  const patterns = element.patterns.map(({ value }) => value)
  if (element.negated) {
    return !patterns.some((pattern) => !pattern.includes('${') && sets.isWithin(part.pattern, pattern, budget))
  }
  return patterns.some(
    (pattern) =>
      sets.canMeet(part.pattern, opened(pattern), budget) &&
      !part.except.some((other) => sets.isWithin(opened(pattern), other, budget)),
  )
}
