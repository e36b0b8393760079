import type { Condition } from '../conditions/condition.ts'
import type { Hidden } from '../explain/explanation.ts'
import type { Statement } from '../parse/document.ts'
import type { Layer, PolicySource } from '../layers.ts'
import type { Change, Resolve } from './change.ts'

/** Something that would help a request that policies refuse. */
export type Option =
  | PolicyOption
  /** The same names again, which now mean somebody else than when they were put. */
  | { readonly kind: 'put-again'; readonly layer: Layer; readonly source: PolicySource }
  /** A request that says something else, so that a condition comes out otherwise. */
  | { readonly kind: 'request'; readonly condition: Condition; readonly source: PolicySource; readonly holds: boolean }
  /** A condition that can never come out otherwise on this server, and why. */
  | { readonly kind: 'never'; readonly condition: Condition; readonly source: PolicySource; readonly why: string }

/** A policy with one statement more, or another one. */
export interface PolicyOption {
  readonly kind: 'policy'
  readonly change: Change
  /** What it gives beyond what is asked, in words; empty where that is nothing. */
  readonly opens: readonly string[]
  /** The statement that it is taken from, and the policy that has that. */
  readonly from?: { readonly where: string; readonly statement: Statement }
}

/** What remedies depend on beside the question: what belongs to the service, and not to the language of policies. */
export interface RemedyFacts {
  /** How the policy of a resource names the caller: an ARN, or the name of a service. */
  readonly principal: string
  /** By whose mention the policy of a resource leaves a decision to the caller's account; null for none. */
  readonly account: string | null
  readonly resolve: Resolve
  /** Whether the policy of the resource means somebody else by the caller's name, who had it before. */
  readonly hasNamesake: boolean
  /** Whether a request says for itself what the value of a condition key is; by its lower-case name. */
  readonly isOfRequest: (lowerCaseKey: string) => boolean
  /** Why a condition can never come out otherwise on this server; null where it can. */
  readonly whyNever: (condition: Condition) => string | null
  /** Whether somebody else has a policy too, in words; null where nobody has. */
  readonly sharedBy: (source: PolicySource) => string | null
  /** The policies of what is related to the resource: one of them may allow what the resource's own does not. */
  readonly elsewhere: readonly PolicySource[]
  /** Policies and values that are not the reader's: nothing is told of what they would need, or are. */
  readonly hidden: Hidden
}
