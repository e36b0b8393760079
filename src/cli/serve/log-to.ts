import { writeSync } from 'node:fs'

/** Where lines of the log go. */
export interface LogLines {
  write(line: string): void
}

/**
 * Writes lines to a file descriptor, each at once. A line that cannot be written, on a full disk or to a reader that is
 * gone, is lost: the server goes on, and says how many were lost as soon as one can be written again.
 */
export function logTo(descriptor: number): LogLines {
  let lost = 0
  const isWritten = (line: string): boolean => {
    const bytes = Buffer.from(line)
    try {
      for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written)
      return true
    } catch {
      return false
    }
  }
  return {
    write(line) {
      if (lost > 0 && isWritten(`\n${JSON.stringify({ level: 40, time: Date.now(), lost, msg: LOST })}\n`)) lost = 0
      if (lost > 0 || !isWritten(line)) lost += 1
    },
  }
}

const LOST = 'lines of the log could not be written'
