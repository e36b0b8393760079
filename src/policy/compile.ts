import { rememberByAction } from './action-memory.ts'
import { compileResource } from './patterns/arn-pattern.ts'
import { compileCondition, type Condition } from './conditions/condition.ts'
import type { RequestContext } from './context.ts'
import type { Effect, PatternElement, PolicyDocument, Statement } from './parse/document.ts'
import { compileGlob, parseGlob } from './patterns/glob.ts'
import { createLexicon, type Lexicon, NO_VALUES } from './patterns/lexicon.ts'
import { anyOf, matched, negated } from './patterns/match.ts'
import { compilePrincipal, EVERYBODY, type PrincipalMatcher } from './principal.ts'
import { variableKeys } from './patterns/variables.ts'

/** What compiling needs to know beyond the document. */
export interface CompileOptions {
  /**
   * Gives the unique id of the user, role or session that an ARN in `Principal` names; `PrincipalForm.id` must
   * hold the same. By default the ARN itself.
   */
  readonly resolvePrincipal?: (principal: string) => string
}

/** A statement as closures, each of which answers for one element. */
export interface CompiledStatement {
  readonly source: Statement
  readonly effect: Effect
  readonly matchesPrincipal: PrincipalMatcher
  /** Takes the action in lower case. */
  readonly matchesAction: (action: string) => boolean
  readonly matchesResource: (request: RequestContext) => boolean
  /** The condition keys, in lower case, that variables in `Resource` stand for. */
  readonly resourceVariables: readonly string[]
  readonly conditions: readonly Condition[]
}

/** The statements that one action can meet. */
export interface Candidates {
  readonly deny: readonly CompiledStatement[]
  readonly allow: readonly CompiledStatement[]
}

/** The resource of a statement that is about every one. */
export const EVERY_RESOURCE: CompiledStatement['matchesResource'] = () => true

/** A policy, ready to be evaluated. Immutable but for its memory of the actions that it was asked about. */
export interface CompiledPolicy {
  readonly document: PolicyDocument
  readonly statements: readonly CompiledStatement[]
  /** The statements whose `Action` matches. */
  readonly candidates: (action: string) => Candidates
}

/** Compiles a document to closures: once per version of a document, for a million decisions. */
export function compilePolicy(document: PolicyDocument, options: CompileOptions = {}): CompiledPolicy {
  const lexicon = createLexicon()
  const statements = document.statements
    .map((statement) => compileStatement(statement, document, options, lexicon))
    .filter((statement) => statement !== undefined)
  // Frees what only compiling needs.
  lexicon.factors()
  return { document, statements, candidates: rememberByAction((action) => candidatesOf(statements, action)) }
}

/** The statements whose `Action` matches. */
export function candidatesOf(statements: readonly CompiledStatement[], action: string): Candidates {
  const lower = action.toLowerCase()
  const matching = statements.filter((statement) => statement.matchesAction(lower))
  return {
    deny: matching.filter(({ effect }) => effect === 'Deny'),
    allow: matching.filter(({ effect }) => effect === 'Allow'),
  }
}

/** A statement without an action or a resource is inert: AWS accepts it in a key policy and it matches nothing. */
function compileStatement(
  source: Statement,
  { kind, version }: PolicyDocument,
  options: CompileOptions,
  lexicon: Lexicon,
): CompiledStatement | undefined {
  const { effect, principal, action, resource } = source
  if (action === undefined) return undefined
  // A trust policy has no resource: it is about the role that it belongs to.
  if (resource === undefined && kind !== 'trust') return undefined
  const variables = version === '2012-10-17'
  const resolve = options.resolvePrincipal ?? ((name: string) => name)
  return {
    source,
    effect,
    matchesPrincipal: principal === undefined ? EVERYBODY : compilePrincipal(principal, effect, resolve),
    matchesAction: compileActions(action, lexicon),
    matchesResource: resource === undefined ? EVERY_RESOURCE : compileResources(resource, effect, variables, lexicon),
    resourceVariables: variables ? variableKeys(resource?.patterns.map(({ value }) => value) ?? []) : [],
    conditions: source.conditions.map((clause) => compileCondition(clause, effect, variables, lexicon)),
  }
}

function compileActions(element: PatternElement, lexicon: Lexicon): CompiledStatement['matchesAction'] {
  const globs = element.patterns.map(({ value }) => compileGlob(parseGlob(value.toLowerCase()), lexicon))
  const any = (action: string) => globs.some(({ matches }) => matches(action, 0, action.length, NO_VALUES))
  return element.negated ? (action) => !any(action) : any
}

function compileResources(
  element: PatternElement,
  effect: Effect,
  variables: boolean,
  lexicon: Lexicon,
): CompiledStatement['matchesResource'] {
  if (!element.negated && element.patterns.some(({ value }) => value === '*')) return EVERY_RESOURCE
  const match = anyOf(element.patterns.map(({ value }) => compileResource(value, variables, lexicon)))
  if (element.negated) return ({ resource, keys }) => negated(match(resource, keys), effect)
  return ({ resource, keys }) => matched(match(resource, keys), effect)
}
