/**
 * The kinds of policy document. They share one language and differ in what they may contain.
 *
 * `key` stands for any policy attached to a resource, `vpce` for an endpoint's policy.
 */
export type PolicyKind = 'identity' | 'boundary' | 'session' | 'key' | 'scp' | 'rcp' | 'vpce' | 'trust'

/** What a statement does when it matches. */
export type Effect = 'Allow' | 'Deny'

/** A place in the text of a document, both counted from 1; columns in UTF-16 units. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** A string of the document and its place. */
export interface Text extends Position {
  readonly value: string
}

/** `Action` or `NotAction`, `Resource` or `NotResource`: patterns, of which one must match (or none, if negated). */
export interface PatternElement extends Position {
  readonly negated: boolean
  readonly patterns: readonly Text[]
}

/** The types of principal that a document can name. */
export type PrincipalType = 'AWS' | 'Service' | 'Federated' | 'CanonicalUser'

/** `Principal` or `NotPrincipal`. A bare `"*"` is the entry `AWS: "*"`, which means the same (IAM user guide). */
export interface PrincipalElement extends Position {
  readonly negated: boolean
  readonly entries: readonly (Text & { readonly type: PrincipalType })[]
}

/** One operator on one key: `"StringEquals": { "aws:username": ["a", "b"] }`. Booleans and numbers became strings. */
export interface ConditionClause extends Position {
  /** As written: `ForAllValues:StringLikeIfExists`. */
  readonly operator: string
  readonly key: string
  readonly values: readonly string[]
}

/** One statement. A missing element is absent only where the kind of document lets it be. */
export interface Statement extends Position {
  readonly index: number
  readonly sid?: string
  readonly effect: Effect
  readonly principal?: PrincipalElement
  readonly action?: PatternElement
  readonly resource?: PatternElement
  readonly conditions: readonly ConditionClause[]
}

/** A parsed and validated policy. */
export interface PolicyDocument {
  readonly kind: PolicyKind
  /** Policy variables exist only in `2012-10-17`; a document without a version has the older one. */
  readonly version: '2012-10-17' | '2008-10-17'
  readonly id?: string
  readonly statements: readonly Statement[]
}

/** The elements of a document. */
export const DOCUMENT_ELEMENTS: readonly string[] = ['Version', 'Id', 'Statement']

/** The elements of a statement, whatever the kind of document. */
export const STATEMENT_ELEMENTS: readonly string[] = [
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]
