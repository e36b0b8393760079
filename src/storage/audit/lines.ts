import { openLogFile, type DamagedLogFileError } from './log-file.ts'

const BLOCK_BYTES = 256 * 1024
const NEWLINE = 0x0a

/** A line of a file, and where the next one begins, in bytes. */
export interface Line {
  readonly text: string
  readonly end: number
}

/** The whole lines of a file from `start`, where one begins; a last line without its end is left out. */
export async function* linesFrom(path: string, start: number): AsyncGenerator<Line> {
  let end = start
  for await (const lines of linesBetween(path, start, Number.MAX_SAFE_INTEGER)) {
    for (const line of lines) {
      end += line.length + 1
      yield { text: line.toString(), end }
    }
  }
}

/**
 * The whole lines of a file from `start`, where one begins, up to `end`: as bytes without their newlines, those that
 * were read together at a time.
 *
 * @param onDamage told of parts of a compressed file that cannot be read; without it, reading fails
 */
export async function* linesBetween(
  path: string,
  start: number,
  end: number,
  onDamage?: (error: DamagedLogFileError) => void,
): AsyncGenerator<readonly Buffer[]> {
  using file = openLogFile(path, onDamage)
  let position = start
  let begun: Buffer[] = []
  while (position < end) {
    const block = Buffer.allocUnsafe(Math.min(BLOCK_BYTES, end - position))
    const bytesRead = await file.read(block, position)
    if (bytesRead === 0) return
    position += bytesRead
    const lines: Buffer[] = []
    let from = 0
    for (let at = block.indexOf(NEWLINE); at >= 0 && at < bytesRead; at = block.indexOf(NEWLINE, from)) {
      lines.push(begun.length === 0 ? block.subarray(from, at) : Buffer.concat([...begun, block.subarray(from, at)]))
      begun = []
      from = at + 1
    }
    if (from < bytesRead) begun.push(block.subarray(from, bytesRead))
    if (lines.length > 0) yield lines
  }
}

/** Where the last `count` whole lines of a file begin, in bytes, and how many there are of them. Reads backwards. */
export async function findLastLines(path: string, count: number): Promise<{ start: number; lines: number }> {
  using file = openLogFile(path)
  const block = Buffer.allocUnsafe(BLOCK_BYTES)
  let ends = 0
  for (let end = file.size; end > 0;) {
    const start = Math.max(0, end - block.length)
    const bytesRead = await file.read(block.subarray(0, end - start), start)
    for (let at = bytesRead; at > 0;) {
      at = block.lastIndexOf(NEWLINE, at - 1)
      if (at < 0) break
      // The end of the line before them.
      if (ends === count) return { start: start + at + 1, lines: count }
      ends += 1
    }
    end = start
  }
  return { start: 0, lines: ends }
}
