import { type CompiledPolicy, type CompiledStatement, EVERY_RESOURCE } from './compile.ts'
import type { RequestContext } from './context.ts'
import { EVERYBODY, type PrincipalFacts, Via, VIA_LIMIT } from './principal.ts'

/** What one policy says of one request. */
export interface PolicyVerdict {
  readonly outcome: 'ExplicitDeny' | 'Allow' | 'NoMatch'
  /**
   * For an Allow, how its statements matched the caller, as `Via` bits of all of them together. Policies without
   * principals match everyone.
   */
  readonly via: number
}

const EXPLICIT_DENY: PolicyVerdict = Object.freeze({ outcome: 'ExplicitDeny', via: 0 })
/** No statement matched. */
const NO_MATCH: PolicyVerdict = Object.freeze({ outcome: 'NoMatch', via: 0 })
// Made once, so that a decision allocates nothing.
const ALLOWS: readonly PolicyVerdict[] = Array.from({ length: VIA_LIMIT }, (_, via) =>
  Object.freeze({ outcome: 'Allow', via }),
)

/** The verdict for a set of `Via` bits that statements allow by. */
export function allowed(via: number): PolicyVerdict {
  return via === 0 ? NO_MATCH : (ALLOWS[via] ?? NO_MATCH)
}

/**
 * Evaluates a policy.
 *
 * Looks at the statements that deny first, and ends at the first that matches. INVARIANT: a Deny that matches is
 * never outweighed.
 */
export function evaluate(policy: CompiledPolicy, request: RequestContext, caller: PrincipalFacts): PolicyVerdict {
  const { deny, allow } = policy.candidates(request.action)
  for (const statement of deny) if (matches(statement, request, caller) !== 0) return EXPLICIT_DENY
  let via = 0
  for (const statement of allow) via |= matches(statement, request, caller)
  return allowed(via)
}

/** How a statement matches, as `Via` bits; 0 if one of its elements does not. */
export function matches(statement: CompiledStatement, request: RequestContext, caller: PrincipalFacts): number {
  const { matchesPrincipal, matchesResource, conditions } = statement
  // What most statements say is not worth a call.
  const via = matchesPrincipal === EVERYBODY ? Via.Star : matchesPrincipal(caller)
  if (via === 0 || (matchesResource !== EVERY_RESOURCE && !matchesResource(request))) return 0
  for (const condition of conditions) if (!condition.holds(request.keys)) return 0
  return via
}
