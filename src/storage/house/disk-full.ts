/** SQLite's code for a disk without room. */
const SQLITE_FULL = 13
/** How far the cause of an error is looked for. */
const DEPTH = 8

/** Says whether something failed because there is no room on its disk, or whoever uses it may have no more of it. */
export function isDiskFull(error: unknown): boolean {
  let cause: unknown = error
  for (let depth = 0; cause instanceof Error && depth < DEPTH; depth += 1) {
    const { code = '', errcode } = cause as { code?: string; errcode?: number }
    if (code === 'ENOSPC' || code === 'EDQUOT' || errcode === SQLITE_FULL) return true
    cause = cause.cause
  }
  return false
}
