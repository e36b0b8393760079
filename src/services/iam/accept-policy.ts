import type { Role } from '../../domain/identity.ts'
import type { Call } from '../../kernel/call.ts'
import { principalsOf, refusePolicyText } from '../../kernel/access/policy-text.ts'
import { whyNoPrincipal } from '../../kernel/identities/principal-fate.ts'
import { principalId } from '../../kernel/identities/principal-id.ts'
import type { GlobalReads } from '../../storage/global-store.ts'
import { errors } from './errors.ts'
import { MANAGED_POLICY_SIZE, TRUST_POLICY_SIZE } from './limits.ts'

/** The length of a policy as IAM's quotas count it: in characters, without white space. */
export function sizeOf(text: string): number {
  return text.replaceAll(/\s/g, '').length
}

/**
 * Accepts a policy of an identity.
 *
 * @throws MalformedPolicyDocument
 */
export function acceptIdentityPolicy(text: string, putInIam: 'inline' | 'managed' = 'inline'): void {
  const refusal = refusePolicyText(text, 'identity', { putInIam })
  if (refusal !== null) throw errors.MalformedPolicyDocument(refusal)
}

/**
 * Accepts a version of a managed policy.
 *
 * @throws LimitExceeded over 6,144 characters, MalformedPolicyDocument
 */
export function acceptManagedPolicy(text: string): void {
  if (sizeOf(text) > MANAGED_POLICY_SIZE) {
    throw errors.LimitExceeded(`Cannot exceed quota for PolicySize: ${MANAGED_POLICY_SIZE}`)
  }
  acceptIdentityPolicy(text, 'managed')
}

/**
 * Accepts a role's trust policy, and gives it with the unique ids of those whom it names.
 *
 * A user or role that it names must exist, in whatever account: one that is made later, or made again under the same
 * name, would be trusted unseen. Whether an account exists is not asked: it may be one of AWS's own.
 *
 * @throws LimitExceeded over 2,048 characters, MalformedPolicyDocument
 */
export async function acceptTrustPolicy(
  text: string,
  call: Call,
  reads: GlobalReads,
): Promise<Pick<Role, 'trustPolicy' | 'trustPrincipals'>> {
  if (sizeOf(text) > TRUST_POLICY_SIZE) {
    throw errors.LimitExceeded(`Cannot exceed quota for ACLSizePerRole: ${TRUST_POLICY_SIZE}`)
  }
  const refusal = refusePolicyText(text, 'trust', { putInIam: 'inline' })
  if (refusal !== null) throw errors.MalformedPolicyDocument(refusal)
  const trustPrincipals: Record<string, string> = {}
  for (const principal of principalsOf(text, 'trust')) {
    const id = await principalId(reads, principal)
    if (id === null) {
      throw errors.MalformedPolicyDocument(
        `Invalid principal in policy: "AWS":"${principal}"`,
        {},
        await whyNoPrincipal(reads, principal, 'in a policy', call),
      )
    }
    trustPrincipals[principal] = id
  }
  return { trustPolicy: text, trustPrincipals }
}

/** A policy as answers hold it: percent-encoded as RFC 3986 says (IAM API Reference). */
export function encodeDocument(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
