import { reasonOf } from '../../server/system-errors.ts'

/** What went wrong, for people: a file that cannot be used is told by its name and in words. */
export function sentenceOf(error: unknown): string {
  // What failed first says why; the other failed while that was put away.
  if (error instanceof SuppressedError) return sentenceOf(error.suppressed)
  const { syscall, path, message = String(error) } = error as Partial<NodeJS.ErrnoException>
  return syscall === undefined || path === undefined ? message : `${path} cannot be used: ${reasonOf(error)}.`
}
