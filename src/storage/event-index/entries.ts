/** A place in the index: an event of a token, and where its record begins in its file, in bytes. */
export interface Entry {
  readonly token: number
  /** In seconds since 1970. */
  readonly time: number
  readonly offset: number
}

/** An entry in bytes: token, time and offset in 6, 4 and 6 of them. As bytes they sort as entries do. */
export const ENTRY_BYTES = 16
const TIME_AT = 6
const OFFSET_AT = 10
/** The largest time and offset that an entry can have. */
export const LAST = { time: 2 ** 32 - 1, offset: 2 ** 48 - 1 } as const

/** Writes an entry. A time before 1970 is taken as 1970. */
export function writeEntry(bytes: Buffer, at: number, { token, time, offset }: Entry): void {
  bytes.writeUIntBE(token, at, TIME_AT)
  bytes.writeUInt32BE(Math.min(Math.max(time, 0), LAST.time), at + TIME_AT)
  bytes.writeUIntBE(offset, at + OFFSET_AT, ENTRY_BYTES - OFFSET_AT)
}

export function readEntry(bytes: Buffer, at: number): Entry {
  return {
    token: bytes.readUIntBE(at, TIME_AT),
    time: bytes.readUInt32BE(at + TIME_AT),
    offset: bytes.readUIntBE(at + OFFSET_AT, ENTRY_BYTES - OFFSET_AT),
  }
}

/** The digits by which entries are sorted, the lowest first: their places, in bytes. Offsets come in order. */
const DIGITS = [8, 6, 4, 2, 0]
const RADIX = 65_536

/** Sorts entries whose offsets are in order already, by token and time. Gives the order of their numbers. */
export function orderOf(entries: Uint8Array): Uint32Array {
  const count = entries.length / ENTRY_BYTES
  let order = Uint32Array.from({ length: count }, (_, index) => index)
  const digits = new Uint16Array(count)
  for (const digit of DIGITS) {
    const starts = new Uint32Array(RADIX + 1)
    for (let index = 0, at = digit; index < count; index += 1, at += ENTRY_BYTES) {
      const value = ((entries[at] ?? 0) << 8) | (entries[at + 1] ?? 0)
      digits[index] = value
      starts[value + 1] = (starts[value + 1] ?? 0) + 1
    }
    // Most often all have the same high half of the time.
    if (starts[(digits[0] ?? 0) + 1] === count) continue
    for (let value = 1; value <= RADIX; value += 1) starts[value] = (starts[value] ?? 0) + (starts[value - 1] ?? 0)
    const next = new Uint32Array(count)
    for (const index of order) {
      const value = digits[index] ?? 0
      const place = starts[value] ?? 0
      next[place] = index
      starts[value] = place + 1
    }
    order = next
  }
  return order
}
