import type { Delegation, Grant } from '../../domain/grant.ts'
import type { Region } from '../../domain/region.ts'
import type { Tag } from '../../domain/tags.ts'
import type { Question } from '../../policy/authorize.ts'
import type { CompiledPolicy } from '../../policy/compile.ts'
import type { Call } from '../call.ts'
import type { PolicyPrincipals } from '../keys/policy.ts'
import type { KeySnapshot } from '../keys/snapshot.ts'

/** What a permission on a key depends on. */
export type KeyFacts = Pick<KeySnapshot, 'record' | 'arn' | 'aliases' | 'policy' | 'grantsOf'>

/** A role whose trust policy has a say in who may take it on. */
export interface RoleFacts {
  readonly arn: string
  readonly account: string
  readonly policy: CompiledPolicy
  /** Of those whom the policy names, the unique ids by their ARNs. */
  readonly principals: PolicyPrincipals
  readonly tags: readonly Tag[]
}

/** One permission that an operation needs. */
export interface Need {
  readonly action: string
  /** A key, a role, the ARN of something that has no policy of its own, or `*`. */
  readonly on: KeyFacts | RoleFacts | string
  readonly region: Region
  /** Condition keys of this question besides those that follow from the key, the caller and the request. */
  readonly context: Readonly<Record<string, string | readonly string[]>>
  /** How a refusal names what it is about: by name, by the ciphertext that led to it, or not at all before it exists. */
  readonly foundBy: 'name' | 'ciphertext' | 'creation'
  /** Of CreateGrant, what is to be given away: a grant permits no more than it gives itself. */
  readonly delegation?: Delegation
  /** Of RetireGrant, the grant: it decides, and the key's policy does not. */
  readonly retires?: Grant
}

/** A permission that the operation needs. */
export function need(
  action: string,
  on: Need['on'],
  region: Region,
  context: Need['context'] = {},
  foundBy: Need['foundBy'] = 'name',
): Need {
  return { action, on, region, context, foundBy }
}

/** A permission that was refused, with all that the decision was made from. */
export interface Refusal {
  readonly call: Call
  readonly need: Need
  readonly question: Question
  /** The other permissions that the request needs. */
  readonly others: readonly Need[]
  /** What would be, were the request done, where the permission is asked for as it is then. */
  readonly supposed?: string
}
