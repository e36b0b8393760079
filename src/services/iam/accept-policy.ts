import { parseArn } from '../../domain/arn.ts'
import { roleArn, userArn } from '../../domain/identity-arn.ts'
import { principalsOf, refusePolicyText } from '../../kernel/policy-text.ts'
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
 * A user or role that it names must exist, in whatever account: one that is made later would be trusted unseen.
 * Whether an account exists is not asked: it may be one of AWS's own.
 *
 * @throws LimitExceeded over 2,048 characters, MalformedPolicyDocument
 */
export async function acceptTrustPolicy(text: string, reads: GlobalReads): Promise<void> {
  if (sizeOf(text) > TRUST_POLICY_SIZE) {
    throw errors.LimitExceeded(`Cannot exceed quota for ACLSizePerRole: ${TRUST_POLICY_SIZE}`)
  }
  const refusal = refusePolicyText(text, 'trust')
  if (refusal !== null) throw errors.MalformedPolicyDocument(refusal)
  for (const principal of principalsOf(text, 'trust')) {
    if (!(await isThere(principal, reads))) {
      throw errors.MalformedPolicyDocument(`Invalid principal in policy: "AWS":"${principal}"`)
    }
  }
}

async function isThere(principal: string, reads: GlobalReads): Promise<boolean> {
  const { service = '', account = '', resource = '' } = parseArn(principal) ?? {}
  const [, kind, name] = /^(user|role|assumed-role)\/(?:[!-~]*\/)?([\w+=,.@-]+)$/.exec(resource) ?? []
  if (kind === undefined || name === undefined) return true
  if (service === 'sts') {
    const role = resource.split('/')[1] ?? ''
    return (await reads.document({ kind: 'role', account, name: role.toLowerCase() })) !== null
  }
  if (kind === 'assumed-role') return false
  const found = await reads.document({ kind: kind === 'user' ? 'user' : 'role', account, name: name.toLowerCase() })
  if (found === null) return false
  return (kind === 'user' ? userArn : roleArn)(account, found) === principal
}

/** A policy as answers hold it: percent-encoded as RFC 3986 says (IAM API Reference). */
export function encodeDocument(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
