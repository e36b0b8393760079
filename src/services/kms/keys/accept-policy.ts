import { arnOf, type KeyRecord } from '../../../domain/key.ts'
import { KEY_POLICY_BYTES } from '../../../domain/limits.ts'
import { lockedOut } from '../../../kernel/access/decide.ts'
import { compileKeyPolicy, defaultKeyPolicy, principalsIn, readKeyPolicy } from '../../../kernel/keys/policy.ts'
import type { Reads } from '../../../kernel/operation.ts'
import type { Call } from '../../../kernel/call.ts'
import { errors } from '../errors.ts'

/** A key policy that may be put on a key, with the principals that it names. */
export type AcceptedPolicy = Pick<KeyRecord, 'policy' | 'principals'>

/**
 * Accepts a key policy, or gives the default one.
 *
 * The caller must be able to change the policy again under it, unless that check is bypassed: a key that nobody
 * can manage is lost for good (AWS KMS API Reference, `BypassPolicyLockoutSafetyCheck`).
 *
 * @throws LimitExceededException over 32,768 bytes
 * @throws MalformedPolicyDocumentException where it cannot be read, names somebody who does not exist, or would lock
 *   the caller out
 */
export async function acceptPolicy(
  given: string | undefined,
  bypass: boolean,
  key: KeyRecord,
  call: Call,
  { authority, principalId, whyNoPrincipal }: Pick<Reads, 'authority' | 'principalId' | 'whyNoPrincipal'>,
): Promise<AcceptedPolicy> {
  if (given === undefined) return { policy: defaultKeyPolicy(key.account), principals: {} }
  if (Buffer.byteLength(given) > KEY_POLICY_BYTES) {
    throw errors.LimitExceededException(`The key policy is longer than ${KEY_POLICY_BYTES} bytes.`)
  }
  const read = readKeyPolicy(given)
  if (!read.ok) throw errors.MalformedPolicyDocumentException(read.message)
  const principals: Record<string, string> = {}
  for (const arn of principalsIn(read.document)) {
    const id = await principalId(arn)
    if (id === null) {
      throw errors.MalformedPolicyDocumentException(
        'Policy contains a statement with one or more invalid principals. ' +
          `There is no user, role or session ${arn} now: ${remedyOf(arn)}.`,
        {},
        await whyNoPrincipal(arn, call),
      )
    }
    principals[arn] = id
  }
  const policy = compileKeyPolicy(read.document, principals)
  const facts = { record: key, arn: arnOf(key), aliases: [], policy, grantsOf: () => [] }
  const lockOut = bypass ? null : await lockedOut(facts, call, authority)
  if (lockOut !== null) {
    throw errors.MalformedPolicyDocumentException(
      'The new key policy will not allow you to update the key policy in the future.',
      {},
      lockOut,
    )
  }
  return { policy: given, principals }
}

/** What makes a policy good that names somebody who does not exist. */
function remedyOf(arn: string): string {
  const [, service] = /:role\/aws-service-role\/([a-z0-9.-]+)\//.exec(arn) ?? []
  return service === undefined
    ? 'leave it out, or name one that there is'
    : `aws iam create-service-linked-role --aws-service-name ${service}`
}
