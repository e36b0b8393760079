/** A field of a canonical encoding: text is UTF-8, a number is 4 bytes and a bigint 8, both big-endian. */
export type Field = string | Uint8Array | number | bigint

/**
 * Encodes fields so that no two lists of fields share an encoding: each is preceded by its length in 4 bytes.
 *
 * @throws RangeError for a number that does not fit its width
 */
export function lengthPrefixed(...fields: readonly Field[]): Buffer {
  const parts: Uint8Array[] = []
  for (const field of fields) {
    const bytes = bytesOf(field)
    parts.push(uint32(bytes.length), bytes)
  }
  return Buffer.concat(parts)
}

/** Four bytes, big-endian. */
export function uint32(value: number): Buffer {
  if (!Number.isInteger(value)) throw new RangeError(`${value} is no whole number.`)
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function bytesOf(field: Field): Uint8Array {
  if (typeof field === 'string') return Buffer.from(field)
  if (typeof field === 'number') return uint32(field)
  if (typeof field !== 'bigint') return field
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigUInt64BE(field)
  return bytes
}
