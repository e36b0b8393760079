/** A field of a canonical encoding: text is UTF-8, a number is 4 bytes and a bigint 8, both big-endian. */
export type Field = string | Uint8Array | number | bigint

const LENGTH_BYTES = 4
const NUMBER_BYTES = 4
const BIGINT_BYTES = 8

/**
 * Encodes fields so that no two lists of fields share an encoding: each is preceded by its length in 4 bytes.
 *
 * @throws RangeError for a number that does not fit its width
 */
export function lengthPrefixed(...fields: readonly Field[]): Buffer {
  let length = 0
  for (const field of fields) length += LENGTH_BYTES + lengthOf(field)
  // Every byte of it is written below.
  const bytes = Buffer.allocUnsafe(length)
  let end = 0
  for (const field of fields) {
    const start = bytes.writeUInt32BE(lengthOf(field), end)
    put(bytes, start, field)
    end = start + lengthOf(field)
  }
  return bytes
}

/** Four bytes, big-endian. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(NUMBER_BYTES)
  put(bytes, 0, value)
  return bytes
}

function lengthOf(field: Field): number {
  if (typeof field === 'string') return Buffer.byteLength(field)
  if (typeof field === 'number') return NUMBER_BYTES
  return typeof field === 'bigint' ? BIGINT_BYTES : field.length
}

function put(bytes: Buffer, at: number, field: Field): void {
  if (typeof field === 'string') bytes.write(field, at)
  else if (typeof field === 'bigint') bytes.writeBigUInt64BE(field, at)
  else if (typeof field !== 'number') bytes.set(field, at)
  else if (Number.isInteger(field)) bytes.writeUInt32BE(field, at)
  else throw new RangeError(`${field} is no whole number.`)
}
