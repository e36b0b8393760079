import type { WireError } from '../../kernel/errors.ts'
import type { ErrorSpelling } from '../codec.ts'

/** How KMS spells errors: the names of common errors are its own. */
export const KMS_SPELLING: ErrorSpelling = { message: 'message', names: {} }

/**
 * Writes an error. AccessDeniedException, which is not in KMS's model, spells its message with a capital; an error
 * without words has no message at all.
 */
export function encodeError({ code, message, members }: WireError, spelling: ErrorSpelling): string {
  const name = code === 'AccessDeniedException' ? 'Message' : spelling.message
  return JSON.stringify({
    __type: spelling.names[code] ?? code,
    ...(message !== '' && { [name]: message }),
    ...members,
  })
}
