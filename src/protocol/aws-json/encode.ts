/** What the operations answer with: members by their names on the wire. */
export type Output = Readonly<Record<string, unknown>>

/**
 * Writes an answer: blobs in base64, times as seconds since 1970 with milliseconds, and no member that is undefined.
 * An operation without output answers an empty body.
 */
export function encodeBody(output: Output | undefined): string {
  return output === undefined ? '' : JSON.stringify(plain(output))
}

function plain(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value
  if (Buffer.isBuffer(value)) return value.toString('base64')
  if (value instanceof Date) return value.getTime() / 1000
  if (Array.isArray(value)) return value.map(plain)
  const members: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) members[name] = plain(member)
  return members
}
