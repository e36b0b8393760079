import { common } from '../../../kernel/errors.ts'
import type { KeySnapshot } from '../../../kernel/keys/snapshot.ts'
import type { Reads } from '../../../kernel/operation.ts'
import type { Call } from '../../../kernel/call.ts'
import { findKeyToUse } from '../keys/find-key.ts'

/**
 * Whether a dry run asks for permissions alone, without a ciphertext.
 *
 * @throws ValidationException where it is no dry run: what would then be done is not what was asked for
 */
export function ignoresCiphertext(input: {
  readonly DryRun?: boolean | undefined
  readonly DryRunModifiers?: readonly 'IGNORE_CIPHERTEXT'[] | undefined
}): boolean {
  if (input.DryRunModifiers === undefined || input.DryRunModifiers.length === 0) return false
  if (input.DryRun === true) return true
  throw common.ValidationException('DryRunModifiers can be given only together with DryRun.')
}

/** Finds the key that a request without a ciphertext is about: it must be named. */
export function findNamedKey(
  action: string,
  member: 'keyId' | 'sourceKeyId',
  keyId: string | undefined,
  call: Call,
  reads: Reads,
): KeySnapshot | Promise<KeySnapshot> {
  if (keyId !== undefined) return findKeyToUse(action)(keyId, call, reads)
  throw common.ValidationException(
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  )
}
