import { closeSync, constants, existsSync, fstatSync, openSync, read, readSync } from 'node:fs'
import { promisify } from 'node:util'
import { zstdDecompress, zstdDecompressSync } from 'node:zlib'
import { END_BYTES, FRAME_BYTES, parseTable, tableBytes, type Frame, type FrameTable } from './frames.ts'

/**
 * A file of an audit log, open to be read: as it was written, or compressed since. Whichever it is, it has the path and
 * the places that it had when it was written.
 */
export interface LogFile extends Disposable {
  /** In bytes, when it was opened. */
  readonly size: number
  /** Fills `into` from a place on, but for what lies behind the end; gives how many bytes it has filled. */
  read(into: Uint8Array, position: number): Promise<number>
  /** The same, by whoever may wait. */
  readNow(into: Uint8Array, position: number): number
}

/** A compressed file that is not as it was written. */
export class DamagedLogFileError extends Error {}

/** The end of the name of a compressed file, behind that of the log's. */
export const COMPRESSED = '.zst'

const readAt = promisify(read)
const decompress = promisify(zstdDecompress)

/**
 * Opens a file of a log.
 *
 * @param onDamage told of a part that is damaged, which is read as NULs then; without it, reading fails
 * @throws DamagedLogFileError where nothing of a compressed file can be found
 */
export function openLogFile(path: string, onDamage?: (error: DamagedLogFileError) => void): LogFile {
  try {
    return writtenFile(openSync(path, constants.O_RDONLY))
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    // It is taken away only when the compressed one is in its place.
    if (!isMissing || !existsSync(path + COMPRESSED)) throw error
  }
  return openCompressedFile(path + COMPRESSED, onDamage)
}

/** The paths that a file of a log can have. */
export function formsOf(path: string): readonly string[] {
  return [path, path + COMPRESSED]
}

/** Whether there is such a file of a log. */
export function hasLogFile(path: string): boolean {
  return formsOf(path).some((each) => existsSync(each))
}

/** Opens a compressed file by its own path. @throws DamagedLogFileError */
export function openCompressedFile(path: string, onDamage?: (error: DamagedLogFileError) => void): LogFile {
  const file = openSync(path, constants.O_RDONLY)
  try {
    const table = readTable(file)
    if (table !== null) return compressedFile(file, path, table, onDamage)
    throw new DamagedLogFileError(
      `${path} has no table of its frames: it is damaged, or was compressed by something else. Where "zstd -d" can ` +
        'decompress it, do so.',
    )
  } catch (error) {
    closeSync(file)
    throw error
  }
}

function readTable(file: number): FrameTable | null {
  const { size } = fstatSync(file)
  const end = Buffer.alloc(Math.min(END_BYTES, size))
  readSync(file, end, 0, end.length, size - end.length)
  const length = tableBytes(end)
  if (length === null || length > size) return null
  const table = Buffer.alloc(length)
  readSync(file, table, 0, length, size - length)
  return parseTable(table, size - length)
}

function writtenFile(file: number): LogFile {
  return {
    size: fstatSync(file).size,
    read: async (into, position) => (await readAt(file, into, 0, into.length, position)).bytesRead,
    readNow: (into, position) => readSync(file, into, 0, into.length, position),
    [Symbol.dispose]: () => closeSync(file),
  }
}

function whole(frame: Frame, part: Buffer): Buffer {
  if (part.length !== frame.length) throw new Error('The frame has another length.')
  return part
}

/** Copies of a frame what stands at a place behind what is filled; gives how much is filled then. */
function copy({ from }: Frame, part: Buffer, into: Uint8Array, filled: number, position: number): number {
  const start = position + filled - from
  const wanted = part.subarray(start, start + into.length - filled)
  into.set(wanted, filled)
  return filled + wanted.length
}

function compressedFile(
  file: number,
  path: string,
  table: FrameTable,
  onDamage: ((error: DamagedLogFileError) => void) | undefined,
): LogFile {
  /** The frame that was read last: who reads on begins in it. */
  let last: { readonly from: number; readonly part: Buffer } | null = null

  const keep = ({ from }: Frame, part: Buffer): Buffer => {
    last = { from, part }
    return part
  }
  const known = ({ from }: Frame): Buffer | null => (last?.from === from ? last.part : null)
  const options = { maxOutputLength: FRAME_BYTES }
  const damaged = (frame: Frame, cause: unknown): Buffer => {
    const error = new DamagedLogFileError(
      `${path} is damaged between byte ${frame.at} and ${frame.at + frame.bytes}: it cannot be decompressed there`,
      {
        cause,
      },
    )
    if (onDamage === undefined) throw error
    onDamage(error)
    return Buffer.alloc(frame.length)
  }
  const load = async (frame: Frame): Promise<Buffer> => {
    const bytes = Buffer.alloc(frame.bytes)
    await readAt(file, bytes, 0, bytes.length, frame.at)
    try {
      return whole(frame, await decompress(bytes, options))
    } catch (error) {
      return damaged(frame, error)
    }
  }
  const loadNow = (frame: Frame): Buffer => {
    const bytes = Buffer.alloc(frame.bytes)
    readSync(file, bytes, 0, bytes.length, frame.at)
    try {
      return whole(frame, zstdDecompressSync(bytes, options))
    } catch (error) {
      return damaged(frame, error)
    }
  }

  return {
    size: table.size,
    async read(into, position) {
      let filled = 0
      while (filled < into.length) {
        const frame = table.frameOf(position + filled)
        if (frame === null) break
        filled = copy(frame, known(frame) ?? keep(frame, await load(frame)), into, filled, position)
      }
      return filled
    },
    readNow(into, position) {
      let filled = 0
      while (filled < into.length) {
        const frame = table.frameOf(position + filled)
        if (frame === null) break
        filled = copy(frame, known(frame) ?? keep(frame, loadNow(frame)), into, filled, position)
      }
      return filled
    },
    [Symbol.dispose]: () => closeSync(file),
  }
}
