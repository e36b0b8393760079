/** A file in frames: zstd's seekable format, which zstd itself reads as well (contrib/seekable_format in its sources). */
import { constants, zstdCompress } from 'node:zlib'
import { promisify } from 'node:util'

/** A part of a file: where it stands, in bytes, and what of the original it holds. */
export interface Frame {
  readonly at: number
  readonly bytes: number
  readonly from: number
  readonly length: number
}

/** The frames of a file that is read at any place. */
export interface FrameTable {
  /** Of the original, in bytes. */
  readonly size: number
  /** The frame that holds a byte of the original; null behind its end. */
  frameOf(position: number): Frame | null
}

/** How much of the original is in a frame: it is what has to be read to see one record of it. */
export const FRAME_BYTES = 64 * 1024

const TABLE_MAGIC = 0x184d2a5e
const END_MAGIC = 0x8f92eab1
const HEAD_BYTES = 8
const ENTRY_BYTES = 8
/** The number of frames, a byte of flags, and a magic number. */
export const END_BYTES = 9

const compress = promisify(zstdCompress)

/** A frame's bytes. It has a checksum of its own. */
export function writeFrame(part: Uint8Array): Promise<Buffer> {
  // A higher level takes three times as long, and saves a fiftieth.
  return compress(part, { params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 } })
}

/** What stands behind the frames. */
export function writeTable(frames: readonly Pick<Frame, 'bytes' | 'length'>[]): Buffer {
  const table = Buffer.alloc(HEAD_BYTES + frames.length * ENTRY_BYTES + END_BYTES)
  table.writeUInt32LE(TABLE_MAGIC, 0)
  table.writeUInt32LE(table.length - HEAD_BYTES, 4)
  frames.forEach(({ bytes, length }, index) => {
    table.writeUInt32LE(bytes, HEAD_BYTES + index * ENTRY_BYTES)
    table.writeUInt32LE(length, HEAD_BYTES + index * ENTRY_BYTES + 4)
  })
  table.writeUInt32LE(frames.length, table.length - END_BYTES)
  table.writeUInt32LE(END_MAGIC, table.length - 4)
  return table
}

/** How long the table is, by the last bytes of a file; null where they are not the end of one. */
export function tableBytes(end: Buffer): number | null {
  if (end.length < END_BYTES || end.readUInt32LE(end.length - 4) !== END_MAGIC || end[end.length - 5] !== 0) return null
  return HEAD_BYTES + end.readUInt32LE(end.length - END_BYTES) * ENTRY_BYTES + END_BYTES
}

/**
 * Reads a table.
 *
 * @param before how many bytes stand before it; the frames must fill them
 * @returns null where it is none, or one of larger frames than are written here
 */
export function parseTable(table: Buffer, before: number): FrameTable | null {
  if (table.readUInt32LE(0) !== TABLE_MAGIC || table.readUInt32LE(4) !== table.length - HEAD_BYTES) return null
  const count = (table.length - HEAD_BYTES - END_BYTES) / ENTRY_BYTES
  const starts = new Float64Array(count + 1)
  const places = new Float64Array(count + 1)
  for (let index = 0; index < count; index += 1) {
    const length = table.readUInt32LE(HEAD_BYTES + index * ENTRY_BYTES + 4)
    if (length === 0 || length > FRAME_BYTES) return null
    places[index + 1] = (places[index] ?? 0) + table.readUInt32LE(HEAD_BYTES + index * ENTRY_BYTES)
    starts[index + 1] = (starts[index] ?? 0) + length
  }
  if (places[count] !== before) return null
  const size = starts[count] ?? 0
  const frameAt = (index: number): Frame => {
    const [at = 0, next = 0] = places.subarray(index, index + 2)
    const [from = 0, to = 0] = starts.subarray(index, index + 2)
    return { at, bytes: next - at, from, length: to - from }
  }
  return {
    size,
    frameOf(position) {
      if (position < 0 || position >= size) return null
      let low = 0
      let high = count - 1
      while (low < high) {
        const middle = (low + high + 1) >>> 1
        if ((starts[middle] ?? 0) <= position) low = middle
        else high = middle - 1
      }
      return frameAt(low)
    },
  }
}
