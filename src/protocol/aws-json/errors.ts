/**
 * Writes an error. AccessDeniedException, which is in no model, spells its message with a capital; an error without
 * words has no message at all.
 */
export function encodeError(code: string, message: string): string {
  const named = code === 'AccessDeniedException' ? { Message: message } : { message }
  return JSON.stringify({ __type: code, ...(message !== '' && named) })
}
