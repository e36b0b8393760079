import type { Tag } from './tags.ts'

/** Policies that are part of one identity: their texts by name. */
export type InlinePolicies = Readonly<Record<string, string>>

/** What users, groups and roles have in common. */
interface Identity {
  /** Unique for ever: one that is made again under the same name has another. */
  readonly id: string
  /** As it was given; names that differ in case only are one (IAM API Reference). */
  readonly name: string
  /** Begins and ends with `/`. */
  readonly path: string
  readonly createdAt: number
  readonly inlinePolicies: InlinePolicies
  /** The ARNs of managed policies, in the order in which they were attached. */
  readonly attachedPolicies: readonly string[]
}

/** An IAM user. Its id begins with AIDA. */
export interface User extends Identity {
  /** Names of groups, in lower case. */
  readonly groups: readonly string[]
  /** The ARN of a managed policy, or null. */
  readonly boundary: string | null
  readonly tags: readonly Tag[]
}

/** An IAM group. Its id begins with AGPA. */
export type Group = Identity

/** An IAM role. Its id begins with AROA. */
export interface Role extends Identity {
  readonly trustPolicy: string
  /** The unique ids of the principals that the trust policy names, by their ARNs, as they were when it was put. */
  readonly trustPrincipals: Readonly<Record<string, string>>
  readonly description: string
  /** Seconds, from 3,600 to 43,200. */
  readonly maxSessionDuration: number
  readonly boundary: string | null
  readonly tags: readonly Tag[]
  /** The service whose role it is, such as `mrk.kms.amazonaws.com`; null for a customer's own. */
  readonly serviceLinkedTo: string | null
}

/** A user or role that is no more. */
export interface DeletedPrincipal {
  readonly id: string
  readonly arn: string
  /** In epoch milliseconds. */
  readonly deletedAt: number
}

/** A managed policy of an account. Its id begins with ANPA. */
export interface ManagedPolicy {
  readonly id: string
  readonly name: string
  readonly path: string
  readonly description: string
  readonly createdAt: number
  readonly updatedAt: number
  /** At most five, the oldest first. */
  readonly versions: readonly { readonly id: string; readonly text: string; readonly createdAt: number }[]
  /** The id of the version that decides, such as `v1`. */
  readonly defaultVersion: string
  /** The number of the next version: numbers are never used twice. */
  readonly nextVersion: number
  readonly tags: readonly Tag[]
}

/** What is known of a long-term access key beside its secret. */
export interface AccessKeyDetails {
  readonly status: 'Active' | 'Inactive'
  readonly lastUsed: { readonly at: number; readonly region: string; readonly service: string } | null
}
