import type { PrincipalElement, PrincipalType } from './parse/document.ts'

/** One of the identities under which a caller can be named. */
export interface PrincipalForm {
  readonly kind: 'session' | 'federated' | 'user' | 'role' | 'service' | 'provider'
  /** The unique id, or the ARN where the form has none; whatever `resolvePrincipal` gives for it at compile time. */
  readonly id: string
}

/**
 * What principal matching must know of a caller.
 *
 * A role session has the forms `session` and `role`; a user `user`; a federated session of a user `federated` and
 * `user`; an AWS service `service`; the root user none, for it is matched by its account.
 */
export interface PrincipalFacts {
  /** Absent for an AWS service that acts as itself. */
  readonly account?: string
  readonly forms: readonly PrincipalForm[]
  /** Whether a permissions boundary is set: such a caller is denied by every `NotPrincipal` with Deny. */
  readonly hasBoundary: boolean
}

/** How a statement matched its caller, as a bit set: `Via.Role | Via.Account`. */
export const Via = {
  /** The very session, of a role or federated. */
  Session: 1,
  User: 2,
  Role: 4,
  /** `"*"`, or everyone whom a `NotPrincipal` leaves. */
  Star: 8,
  Service: 16,
  /** The caller's account: that hands the decision to the account's own policies. */
  Account: 32,
  /** An identity provider, in a trust policy. */
  Provider: 64,
} as const

/** One more than the largest set of `Via` bits. */
export const VIA_LIMIT = 128

const VIA_OF: Readonly<Record<PrincipalForm['kind'], number>> = {
  session: Via.Session,
  federated: Via.Session,
  user: Via.User,
  role: Via.Role,
  service: Via.Service,
  provider: Via.Provider,
}

const TYPE_OF: Readonly<Record<PrincipalForm['kind'], PrincipalType>> = {
  session: 'AWS',
  federated: 'AWS',
  user: 'AWS',
  role: 'AWS',
  service: 'Service',
  provider: 'Federated',
}

/** Tells how a caller is matched, as `Via` bits; 0 is no match. */
export type PrincipalMatcher = (caller: PrincipalFacts) => number

/**
 * The account that a principal stands for: twelve digits, or the ARN of its root.
 *
 * INVARIANT: accounts are of one partition. The same digits in another are somebody else.
 */
export function accountOf(principal: string): string | undefined {
  const found = /^(\d{12})$|^arn:aws:iam::(\d{12}):root$/.exec(principal)
  return found?.[1] ?? found?.[2]
}

interface Named {
  readonly everyone: boolean
  readonly accounts: ReadonlySet<string>
  readonly ids: Readonly<Record<PrincipalType, ReadonlySet<string>>>
}

/**
 * Compiles `Principal` or `NotPrincipal`.
 *
 * @param resolve gives the unique id of a user, role or session by its ARN, so that one who was created again
 *   under the same name is not the one who was named
 */
export function compilePrincipal(
  element: PrincipalElement,
  effect: 'Allow' | 'Deny',
  resolve: (principal: string) => string,
): PrincipalMatcher {
  const named = collect(element, resolve)
  if (!element.negated) return (caller) => matchNamed(named, caller)
  return effect === 'Deny'
    ? (caller) => (isExempt(named, caller) ? 0 : Via.Star)
    : (caller) => (matchNamed(named, caller) === 0 ? Via.Star : 0)
}

function collect(element: PrincipalElement, resolve: (principal: string) => string): Named {
  const accounts = new Set<string>()
  const ids = { AWS: new Set<string>(), Service: new Set<string>(), Federated: new Set<string>() }
  let everyone = false
  for (const { type, value } of element.entries) {
    const account = type === 'AWS' ? accountOf(value) : undefined
    if (type === 'AWS' && value === '*') everyone = true
    else if (account !== undefined) accounts.add(account)
    else if (type === 'AWS') ids.AWS.add(resolve(value))
    else if (type !== 'CanonicalUser') ids[type].add(value)
  }
  return { everyone, accounts, ids: { ...ids, CanonicalUser: new Set() } }
}

function matchNamed(named: Named, caller: PrincipalFacts): number {
  let via = named.everyone ? Via.Star : 0
  if (caller.account !== undefined && named.accounts.has(caller.account)) via |= Via.Account
  for (const form of caller.forms) if (named.ids[TYPE_OF[form.kind]].has(form.id)) via |= VIA_OF[form.kind]
  return via
}

/**
 * Whether a `NotPrincipal` with Deny spares a caller: only if it names every identity the caller has, the account
 * among them (IAM user guide, "NotPrincipal").
 */
function isExempt(named: Named, caller: PrincipalFacts): boolean {
  if (caller.hasBoundary) return false
  if (named.everyone) return true
  if (caller.account !== undefined && !named.accounts.has(caller.account)) return false
  return caller.forms.every((form) => named.ids[TYPE_OF[form.kind]].has(form.id))
}
