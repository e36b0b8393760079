import type { PolicyVerdict } from './evaluate.ts'
import type { Layer, MatchingGrant, PolicyCaller, PolicySource, Question } from './layers.ts'
import { Via } from './principal.ts'

/** Why a request is denied: what an AWS message is made of. */
export interface DenialReason {
  readonly kind: 'explicit-deny' | 'implicit-deny'
  /** The layer that denies, or the one in which nothing allows. Always one, though others may lack too. */
  readonly layer: Layer
  /** Of the managed policy that denies explicitly. */
  readonly policyArn?: string
  /** Set where the permission cannot be used from another account, whatever the policies say. */
  readonly notCrossAccount?: true
  /** Set where the caller's account has not enabled the Region, in which none of its permissions counts. */
  readonly notEnabledIn?: string
}

/** The answer to a question. */
export type Decision = { readonly allowed: true } | { readonly allowed: false; readonly reason: DenialReason }

/** What one layer says. */
export interface LayerVerdict {
  readonly outcome: PolicyVerdict['outcome']
  /** Of the resource's policy, how it allows, as `Via` bits. */
  readonly via: number
  /** The policy that denies. */
  readonly source?: PolicySource
}

/** What every layer that exists says; an absent layer has no entry. */
export type LayerVerdicts = { readonly [L in Layer]?: LayerVerdict | undefined }

const NO_GRANTS: readonly MatchingGrant[] = []

const ALLOWED: Decision = Object.freeze({ allowed: true })

/** A denial because nothing allows. */
export function implicitDeny(layer: Layer): Decision {
  return { allowed: false, reason: { kind: 'implicit-deny', layer } }
}

/** A denial by a statement. */
export function explicitDeny(layer: Layer, source: PolicySource | undefined): Decision {
  const arn = source?.arn
  return {
    allowed: false,
    reason: { kind: 'explicit-deny', layer, ...(arn === undefined ? {} : { policyArn: arn }) },
  }
}

/** A denial because the permission never crosses accounts. */
const NOT_CROSS_ACCOUNT: Decision = Object.freeze({
  allowed: false,
  reason: Object.freeze({ kind: 'implicit-deny', layer: 'resource', notCrossAccount: true }),
})

/** A denial that no policy has a say in; undefined where policies decide. */
export function beforePolicies(question: Question): Decision | undefined {
  const { notEnabledIn, crossAccount } = question
  if (notEnabledIn !== undefined) {
    return { allowed: false, reason: { kind: 'implicit-deny', layer: 'resource', notEnabledIn } }
  }
  return isCrossAccount(question) && !crossAccount ? NOT_CROSS_ACCOUNT : undefined
}

/** Whether the caller and the resource are of two accounts. A service that acts as itself is of none. */
export function isCrossAccount({ caller, resourceAccount }: Question): boolean {
  return caller.type !== 'service' && resourceAccount !== undefined && resourceAccount !== caller.account
}

/**
 * Which layers are evaluated at all: an AWS service that acts as itself has no policies of its own and belongs to
 * no organization.
 */
export function concerns(layer: Layer, caller: PolicyCaller): boolean {
  return caller.type !== 'service' || layer === 'rcp' || layer === 'vpce' || layer === 'resource'
}

/** What the caller's own policies say, together. */
interface OwnSide {
  readonly identity: boolean
  readonly boundary: boolean
  readonly session: boolean
}

/**
 * Decides from what the layers say, none of which denies explicitly.
 *
 * This is AWS's algorithm for one permission, from the control policies on: the organization, the endpoint, then
 * the resource's side against the caller's own.
 */
export function decide(question: Question, verdicts: LayerVerdicts): Decision {
  const { caller, layers, grants = NO_GRANTS } = question
  if (verdicts.scp?.outcome === 'NoMatch') return implicitDeny('scp')
  if (verdicts.vpce?.outcome === 'NoMatch') return implicitDeny('vpce')
  const own = ownSide(question, verdicts)
  const via = (verdicts.resource?.via ?? 0) | viaGrants(grants)
  if (caller.type === 'service') return (via & (Via.Service | Via.Star)) === 0 ? implicitDeny('resource') : ALLOWED
  if (isCrossAccount(question)) return crossAccount(caller, own, via, grants)
  if (layers.resource === undefined && grants.length === 0) return bySide(own)
  return sameAccount(caller, own, via)
}

function ownSide({ caller, layers }: Question, verdicts: LayerVerdicts): OwnSide {
  if (caller.type === 'root') return { identity: true, boundary: true, session: true }
  // A federated session without session policies has no permissions but those given to the session by name.
  const withoutSession = caller.type !== 'federated'
  return {
    identity: verdicts.identity?.outcome === 'Allow',
    boundary: layers.boundary === undefined ? !caller.hasBoundary : verdicts.boundary?.outcome === 'Allow',
    session: layers.session === undefined ? withoutSession : verdicts.session?.outcome === 'Allow',
  }
}

function viaGrants(grants: readonly MatchingGrant[]): number {
  let via = 0
  for (const grant of grants) via |= viaGrant(grant)
  return via
}

function viaGrant({ grantee }: MatchingGrant): number {
  if (grantee === 'session') return Via.Session
  if (grantee === 'user') return Via.User
  if (grantee === 'role') return Via.Role
  return grantee === 'service' ? Via.Service : Via.Account
}

/** Allows if every layer of the caller's own side does, or names the first that does not. */
function bySide({ identity, boundary, session }: OwnSide): Decision {
  if (!identity) return implicitDeny('identity')
  return byLimits({ boundary, session })
}

function byLimits({ boundary, session }: Pick<OwnSide, 'boundary' | 'session'>): Decision {
  if (!boundary) return implicitDeny('boundary')
  return session ? ALLOWED : implicitDeny('session')
}

/**
 * Within one account the resource's policy can allow on its own. How it names the caller decides which of the
 * caller's limits still count.
 */
function sameAccount(caller: PolicyCaller, own: OwnSide, via: number): Decision {
  if ((via & (Via.Star | Via.Session)) !== 0) return ALLOWED
  const named = directly(caller, own, via)
  if (named !== undefined) return named
  return (via & Via.Account) === 0 ? implicitDeny('resource') : bySide(own)
}

/** What naming the user or the role gives; `undefined` if neither is named. */
function directly(caller: PolicyCaller, own: OwnSide, via: number): Decision | undefined {
  if ((via & Via.User) !== 0 && caller.type === 'user') return ALLOWED
  return (via & (Via.User | Via.Role)) === 0 ? undefined : byLimits(own)
}

/**
 * Between accounts both must allow, whatever the form in which the resource's side names the caller. A grant that
 * the caller's own account has issued speaks for that account.
 */
function crossAccount(caller: PolicyCaller, own: OwnSide, via: number, grants: readonly MatchingGrant[]): Decision {
  if (via === 0) return implicitDeny('resource')
  const granted = viaGrants(grants.filter((grant) => grant.issuingAccount === caller.account))
  if ((granted & Via.Session) !== 0) return ALLOWED
  const named = directly(caller, own, granted)
  if (named !== undefined) return named
  // Of a role that a grant names, AWS tells of the session's policies first.
  return !own.session && grants.some(({ grantee }) => grantee === 'role') ? implicitDeny('session') : bySide(own)
}
