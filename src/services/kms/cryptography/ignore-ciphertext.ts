import { common } from '../../../kernel/errors.ts'
import type { Reads } from '../../../kernel/operation.ts'
import type { Call } from '../../../kernel/call.ts'
import { findKeyToUse } from '../keys/find-key.ts'
import type { KeyToOpen } from './seal.ts'

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
export async function findNamedKey(
  action: string,
  member: 'keyId' | 'sourceKeyId',
  keyId: string | undefined,
  call: Call,
  reads: Reads,
): Promise<KeyToOpen> {
  if (keyId !== undefined) return { key: await findKeyToUse(action)(keyId, call, reads), header: null }
  throw common.ValidationException(
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  )
}
