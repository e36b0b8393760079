import { isDiskFull } from '../storage/house/disk-full.ts'
import { reasonOf } from './system-errors.ts'

/** What SQLite says. */
const SQLITE_FULL = 'database or disk is full'
const FULL = 'The data cannot be written: its disk is full. Make room on it, and say this again: nothing is lost.'

/** What went wrong, for people: a file that cannot be used is told by its name and in words. */
export function sentenceOf(error: unknown): string {
  // What failed first says why; the other failed while that was put away.
  if (error instanceof SuppressedError) return sentenceOf(error.suppressed)
  const { syscall, path, message = String(error) } = error as Partial<NodeJS.ErrnoException>
  if (syscall !== undefined && path !== undefined) return `${path} cannot be used: ${reasonOf(error)}.`
  // SQLite names no file.
  return isDiskFull(error) && message === SQLITE_FULL ? FULL : message
}
