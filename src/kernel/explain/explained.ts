import type { ExplanationNode } from '../../policy/explain/explanation.ts'
import type { Layer, PolicyPlace } from '../../policy/layers.ts'

/** Why a request is allowed or refused, for people and programs: plain JSON. */
export interface Explained {
  readonly allowed: boolean
  /** Each permission that the request needs, those that it lacks first. */
  readonly permissions: readonly ExplainedPermission[]
  /** What else a reader should know. */
  readonly notes: readonly string[]
}

/** One permission, or one other thing that a request was refused for. */
export interface ExplainedPermission {
  readonly allowed: boolean
  /** With its service, as `kms:Encrypt`. */
  readonly action: string
  /** An ARN or `*`; null where there is no name, or none that the reader may know. */
  readonly resource: string | null
  /** Where it is needed. */
  readonly region: string
  /** Where the request went. */
  readonly calledIn: string
  /** The ARN of who asked. */
  readonly caller: string
  /** What is supposed to have been done before, in words. */
  readonly supposed?: string
  /** What is in the way: all of it must be removed. Where it is allowed, none. */
  readonly steps: readonly ExplainedStep[]
  /** Whether it is allowed once the first remedy of each step is applied. */
  readonly isEnough: boolean
  readonly notes: readonly string[]
  /** Everything that had a say. */
  readonly tree: ExplanationNode | null
}

/** One thing that is in the way. */
export interface ExplainedStep {
  readonly cause: string
  /** Any of them removes it; the smallest first. */
  readonly remedies: readonly Remedy[]
}

/** Something that helps. `text` says it to people, but for what follows it. */
export type Remedy = PolicyRemedy | PutAgainRemedy | RequestRemedy | GrantRemedy | CommandRemedy | OtherRemedy

/** A statement that is added to a policy, or put in the place of one. */
export interface PolicyRemedy {
  readonly kind: 'policy'
  readonly text: string
  readonly policy: RemediedPolicy
  readonly change: 'add' | 'replace'
  /** The place of the statement in the policy, from 0. */
  readonly index: number
  readonly statement: Readonly<Record<string, unknown>>
  /** What it gives beyond the request; left out where that is nothing. */
  readonly opens?: string
}

/** A policy whose names mean others than they did when it was put. */
export interface PutAgainRemedy {
  readonly kind: 'put-again'
  readonly text: string
  readonly policy: RemediedPolicy
  /** Unique ids as the policy is shown now, and the ARNs to write in their place. */
  readonly names: Readonly<Record<string, string>>
}

/** The policy of a remedy. */
export interface RemediedPolicy extends Omit<PolicyPlace, 'policy'> {
  readonly layer: Layer
  /** Its own name; null for one that is to be made. */
  readonly name: string | null
  readonly arn?: string
}

/** A request that says something else. */
export interface RequestRemedy {
  readonly kind: 'request'
  readonly text: string
  readonly key: string
  /** The operator of the condition, and its values. */
  readonly operator: string
  readonly values: readonly string[]
  /** Whether the condition shall hold. */
  readonly holds: boolean
}

/** A grant that is to be made, as the members of CreateGrant. */
export interface GrantRemedy {
  readonly kind: 'grant'
  readonly text: string
  readonly region: string
  readonly grant: Readonly<Record<string, unknown>>
  readonly command: string
}

/** Something to type. */
export interface CommandRemedy {
  readonly kind: 'command'
  readonly text: string
  readonly command: string
}

/** What people must do themselves, or that nothing helps. */
export interface OtherRemedy {
  readonly kind: 'advice' | 'none'
  readonly text: string
}

/** Several permissions of one request as one explanation. */
export function together(permissions: readonly ExplainedPermission[], notes: readonly string[] = []): Explained {
  const refused = permissions.filter(({ allowed }) => !allowed)
  const ordered = [...refused, ...permissions.filter(({ allowed }) => allowed)]
  return { allowed: refused.length === 0, permissions: ordered, notes }
}
