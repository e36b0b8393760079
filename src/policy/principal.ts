import type { PrincipalElement } from './parse/document.ts'

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

/** Tells how a caller is matched, as `Via` bits; 0 is no match. */
export type PrincipalMatcher = (caller: PrincipalFacts) => number

/** Of a statement that is about everybody, as one without a principal is. */
export const EVERYBODY: PrincipalMatcher = () => Via.Star

/**
 * The account that a principal stands for: twelve digits, or the ARN of its root.
 *
 * INVARIANT: accounts are of one partition. The same digits in another are somebody else.
 */
export function accountOf(principal: string): string | undefined {
  const found = /^(\d{12})$|^arn:aws:iam::(\d{12}):root$/.exec(principal)
  return found?.[1] ?? found?.[2]
}

/** Whom an element names. */
interface Named {
  readonly everyone: boolean
  readonly accounts: ReadonlySet<string>
  /** The ids of users, roles and sessions of both kinds. */
  readonly principals: ReadonlySet<string>
  readonly services: ReadonlySet<string>
  readonly providers: ReadonlySet<string>
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
  const matchNamed = compileNamed(named)
  if (!element.negated) return matchNamed
  return effect === 'Deny'
    ? (caller) => (isExempt(named, caller) ? 0 : Via.Star)
    : (caller) => (matchNamed(caller) === 0 ? Via.Star : 0)
}

function collect(element: PrincipalElement, resolve: (principal: string) => string): Named {
  const accounts = new Set<string>()
  const principals = new Set<string>()
  const services = new Set<string>()
  const providers = new Set<string>()
  let everyone = false
  for (const { type, value } of element.entries) {
    const account = type === 'AWS' ? accountOf(value) : undefined
    if (type === 'AWS' && value === '*') everyone = true
    else if (account !== undefined) accounts.add(account)
    else if (type === 'AWS') principals.add(resolve(value))
    else if (type === 'Service') services.add(value)
    else if (type === 'Federated') providers.add(value)
  }
  return { everyone, accounts, principals, services, providers }
}

function isNamed({ principals, services, providers }: Named, { kind, id }: PrincipalForm): boolean {
  if (kind === 'service') return services.has(id)
  return kind === 'provider' ? providers.has(id) : principals.has(id)
}

/** Most elements name either accounts, or everyone, or principals by their ids: each is asked for no more than it names. */
function compileNamed(named: Named): PrincipalMatcher {
  const { everyone, accounts, principals, services, providers } = named
  const star = everyone ? Via.Star : 0
  const ofAccount: PrincipalMatcher = ({ account }) =>
    account !== undefined && accounts.has(account) ? star | Via.Account : star
  if (principals.size + services.size + providers.size === 0)
    return everyone && accounts.size === 0 ? EVERYBODY : ofAccount
  return (caller) => {
    let via = ofAccount(caller)
    for (const form of caller.forms) if (isNamed(named, form)) via |= VIA_OF[form.kind]
    return via
  }
}

/**
 * Whether a `NotPrincipal` with Deny spares a caller: only if it names every identity the caller has, the account
 * among them (IAM user guide, "NotPrincipal").
 */
function isExempt(named: Named, caller: PrincipalFacts): boolean {
  const { everyone, accounts } = named
  if (caller.hasBoundary) return false
  if (everyone) return true
  if (caller.account !== undefined && !accounts.has(caller.account)) return false
  return caller.forms.every((form) => isNamed(named, form))
}
