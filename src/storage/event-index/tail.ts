import { ENTRY_BYTES, readEntry, writeEntry, type Entry } from './entries.ts'

/** The newest entries of a file, in memory, in the order in which they came. */
export interface Tail {
  readonly bytes: Buffer
  readonly isFull: boolean
  add(entry: Entry): void
  /** Those of a token, the newest first. */
  find(token: number): readonly Entry[]
  /** Forgets them all, and keeps the memory for others. */
  clear(): void
  /** Forgets them all, and has no memory any more. */
  release(): void
}

/** How many bytes of entries stay in memory, for each log: those of some 26,000 records. */
export const FULL_BYTES = 4 * 1024 * 1024
const FIRST_BYTES = 16 * 1024

/** @param fullBytes when it is to be written; it takes what one record has more */
export function createTail(fullBytes: number): Tail {
  let buffer = Buffer.alloc(0)
  let length = 0
  return {
    get bytes() {
      return buffer.subarray(0, length)
    },
    get isFull() {
      return length >= fullBytes
    },
    add(entry) {
      if (length === buffer.length) buffer = enlarged(buffer)
      writeEntry(buffer, length, entry)
      length += ENTRY_BYTES
    },
    find(token) {
      const high = Math.floor(token / 2 ** 16)
      const low = token % 2 ** 16
      const found: Entry[] = []
      for (let at = length - ENTRY_BYTES; at >= 0; at -= ENTRY_BYTES) {
        const isIt = buffer.readUInt32BE(at) === high && buffer.readUInt16BE(at + 4) === low
        if (isIt) found.push(readEntry(buffer, at))
      }
      // Stable: within a second the order of the file stays.
      return found.toSorted((one, other) => other.time - one.time)
    },
    clear() {
      length = 0
    },
    release() {
      length = 0
      buffer = Buffer.alloc(0)
    },
  }
}

function enlarged(buffer: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
  const larger = Buffer.allocUnsafe(Math.max(FIRST_BYTES, 2 * buffer.length))
  larger.set(buffer)
  return larger
}
