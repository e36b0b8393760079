import { arnOf, type KeyRecord } from '../../domain/key.ts'
import { KEY_POLICY_BYTES } from '../../domain/limits.ts'
import { mayPutPolicy } from '../../kernel/decide.ts'
import { defaultKeyPolicy, readKeyPolicy } from '../../kernel/key-policy.ts'
import type { Call } from '../../kernel/operation.ts'
import { errors } from './errors.ts'

/**
 * Accepts a key policy, or gives the default one.
 *
 * The caller must be able to change the policy again under it, unless that check is bypassed: a key that nobody
 * can manage is lost for good (AWS KMS API Reference, `BypassPolicyLockoutSafetyCheck`).
 *
 * @throws LimitExceededException over 32,768 bytes
 * @throws MalformedPolicyDocumentException where it cannot be read, or would lock the caller out
 */
export function acceptPolicy(given: string | undefined, bypass: boolean, key: KeyRecord, call: Call): string {
  if (given === undefined) return defaultKeyPolicy(key.account)
  if (Buffer.byteLength(given) > KEY_POLICY_BYTES) {
    throw errors.LimitExceededException(`The key policy is longer than ${KEY_POLICY_BYTES} bytes.`)
  }
  const read = readKeyPolicy(given)
  if (!read.ok) throw errors.MalformedPolicyDocumentException(read.message)
  if (!bypass && !mayPutPolicy({ record: key, arn: arnOf(key), aliases: [], policy: read.policy }, call)) {
    throw errors.MalformedPolicyDocumentException(
      'The new key policy will not allow you to update the key policy in the future.',
    )
  }
  return given
}
