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
  if (value instanceof Uint8Array) return base64(value)
  if (value instanceof Date) return seconds(value)
  // JSON would write null for an item that is undefined.
  if (Array.isArray(value)) return value.filter(isThere).map(plain)
  const members: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) {
    if (!isThere(member)) continue
    // Names can be a client's, as in an encryption context, and `__proto__` is a name like any other.
    if (name === '__proto__') Object.defineProperty(members, name, { value: plain(member), enumerable: true })
    else members[name] = plain(member)
  }
  return members
}

/** AWS omits what is not there, and never says null. */
function isThere(value: unknown): boolean {
  return value !== undefined && value !== null
}

function base64({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64')
}

function seconds(time: Date): number {
  const milliseconds = time.getTime()
  if (Number.isNaN(milliseconds)) throw new TypeError('An invalid time has no form in JSON.')
  return milliseconds / 1000
}
