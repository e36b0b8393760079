import type { CompiledPolicy } from './compile.ts'
import type { RequestContext } from './context.ts'
import type { PrincipalFacts } from './principal.ts'

/** The layers of policies, in the order in which an explicit deny is looked for and reported. */
export const LAYERS = ['identity', 'boundary', 'session', 'scp', 'rcp', 'vpce', 'resource'] as const

/** A layer of policies. */
export type Layer = (typeof LAYERS)[number]

/** The layers that are the caller's account's own: nobody else's to read. */
export const CALLER_LAYERS: readonly Layer[] = ['identity', 'boundary', 'session', 'scp']

/** A policy of each layer, in AWS's words (IAM User Guide, "Access denied error messages"). */
export const LAYER_NAMES: Readonly<Record<Layer, string>> = {
  identity: 'identity-based policy',
  boundary: 'permissions boundary',
  session: 'session policy',
  scp: 'service control policy',
  rcp: 'resource control policy',
  vpce: 'VPC endpoint policy',
  resource: 'resource-based policy',
}

/** Where a policy is kept. */
export interface PolicyPlace {
  /** Its own name; of a policy that has none, what it is. */
  readonly policy: string
  /** What it is attached to, or part of, as `user ada` or `OU Prod`. */
  readonly of?: string
  /** Of an organization's policy. */
  readonly id?: string
}

/** A policy in its place. */
export interface PolicySource {
  readonly policy: CompiledPolicy
  /** Of a managed policy: it ends the message of an explicit deny. */
  readonly arn?: string
  /** In full, for people: `inline policy use of user ada`. */
  readonly name?: string
  readonly place?: PolicyPlace
}

/** The policies that a question meets. An absent layer does not exist and limits nothing. */
export interface PolicyLayers {
  /** Of the caller; absent is the same as none. */
  readonly identity?: readonly PolicySource[] | undefined
  readonly boundary?: PolicySource | undefined
  /** Together one layer: what any of them allows is allowed. */
  readonly session?: readonly PolicySource[] | undefined
  /**
   * Of the caller's account: a level each for the organization's root, every unit, and the account, and every level
   * must allow. Absent where they do not apply: outside an organization, to its management account, to
   * service-linked roles.
   */
  readonly scp?: readonly (readonly PolicySource[])[] | undefined
  /** Of the resource's account: they only deny. Absent where they do not apply. */
  readonly rcp?: readonly (readonly PolicySource[])[] | undefined
  /** Of the endpoint that the request came through; absent if it came through none. */
  readonly vpce?: PolicySource | undefined
  /** Of the resource; absent for a permission whose resource has no policy, such as `*` or an alias. */
  readonly resource?: PolicySource | undefined
}

/** Who asks. */
export interface PolicyCaller extends PrincipalFacts {
  readonly type: 'root' | 'user' | 'role' | 'federated' | 'service'
}

/** A grant that matches the request: its operation, its constraints and its grantee were checked already. */
export interface MatchingGrant {
  /** As what the grantee was named. */
  readonly grantee: 'session' | 'user' | 'role' | 'service' | 'account'
  /** Where it was created: in the caller's own account, it stands for the caller's side too. */
  readonly issuingAccount: string
  readonly id?: string
}

/** One permission that is asked for: everything that the answer depends on. */
export interface Question {
  readonly request: RequestContext
  readonly caller: PolicyCaller
  readonly layers: PolicyLayers
  readonly grants?: readonly MatchingGrant[] | undefined
  /** Absent where the permission has no resource; then the caller's own account. */
  readonly resourceAccount?: string | undefined
  /** Whether the permission can be given to other accounts at all. */
  readonly crossAccount: boolean
  /** The Region that is asked, where the caller's account has not enabled it: no permission counts there. */
  readonly notEnabledIn?: string | undefined
}
