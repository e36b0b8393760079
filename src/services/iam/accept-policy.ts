import { refusePolicyText } from '../../kernel/policy-text.ts'
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
export function acceptIdentityPolicy(text: string): void {
  const refusal = refusePolicyText(text, 'identity')
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
  acceptIdentityPolicy(text)
}

/**
 * Accepts a role's trust policy.
 *
 * @throws LimitExceeded over 2,048 characters, MalformedPolicyDocument
 */
export function acceptTrustPolicy(text: string): void {
  if (sizeOf(text) > TRUST_POLICY_SIZE) {
    throw errors.LimitExceeded(`Cannot exceed quota for ACLSizePerRole: ${TRUST_POLICY_SIZE}`)
  }
  const refusal = refusePolicyText(text, 'trust')
  if (refusal !== null) throw errors.MalformedPolicyDocument(refusal)
}

/** A policy as answers hold it: percent-encoded as RFC 3986 says (IAM API Reference). */
export function encodeDocument(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
