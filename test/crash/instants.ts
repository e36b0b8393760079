import { createHash, hash } from 'node:crypto'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import promises, { type FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { devNull } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Which of the instants are copied, and what tells one from another. */
export interface Choice {
  /** Of so many instants one is copied. */
  readonly every: number
  /** The first that is, below `every`. */
  readonly from?: number
  /** Says of a file whether an instant that differs in it alone is another one. */
  readonly isCounted?: (path: string) => boolean
}

/**
 * Runs `work` and copies a data directory at every instant at which a kill would leave it different, or at some of
 * them: before each statement of SQLite and before each call that changes a file.
 *
 * What is copied is what a killed process leaves: SQLite's own files, as they are between two of its calls.
 *
 * @param copies the directory in which the copies are laid, each named by its number
 * @returns their paths, and how many instants there were
 */
export async function copyInstants(
  path: string,
  copies: string,
  work: () => Promise<unknown>,
  { every, from = 0, isCounted = () => true }: Choice,
): Promise<{ readonly paths: readonly string[]; readonly count: number }> {
  const seen = new Set<string>()
  const paths: string[] = []
  const digest = createDigest(path, isCounted)
  const copy = (): void => {
    if (!existsSync(path)) return
    const now = digest()
    if (seen.has(now)) return
    if (seen.size % every === from) {
      const to = join(copies, String(seen.size))
      rmSync(to, { recursive: true, force: true })
      cpSync(path, to, { recursive: true, filter: isKept })
      paths.push(to)
    }
    seen.add(now)
  }
  const restore = await interceptAll(() => unlessMoved(copy))
  try {
    await work()
    copy()
  } finally {
    restore()
  }
  return { paths, count: seen.size }
}

/** Looks again where a file was renamed by another thread between being listed and being read. */
function unlessMoved(look: () => void): void {
  for (let left = 5; ; left -= 1) {
    try {
      return look()
    } catch (error) {
      if (left === 0 || (error as { code?: string }).code !== 'ENOENT') throw error
    }
  }
}

/** A socket is none of it, and SQLite makes its shared memory anew. */
function isKept(path: string): boolean {
  return !/\.sock$|-shm$/.test(path)
}

/** Within so many milliseconds, a file can change again and have the same time. */
const SAME_TIME_MS = 100

/** Gives what tells the files of a directory, as they are now, from what they are at other times. */
function createDigest(path: string, isCounted: (path: string) => boolean): () => string {
  const known = new Map<string, { readonly stamp: string; readonly digest: string }>()
  const digestOf = (file: string): string => {
    const { ino, size, mtimeNs, mtimeMs } = statSync(file, { bigint: true })
    const stamp = `${ino} ${size} ${mtimeNs}`
    const found = known.get(file)
    if (found?.stamp === stamp) return found.digest
    const digest = hash('sha256', readFileSync(file))
    if (Date.now() - Number(mtimeMs) > SAME_TIME_MS) known.set(file, { stamp, digest })
    return digest
  }
  return () => {
    const digest = createHash('sha256')
    for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name)
      if (entry.isFile() && isKept(file) && isCounted(file)) digest.update(`${file}\0${digestOf(file)}\0`)
    }
    return digest.digest('hex')
  }
}

/** Calls `before` before every call of what changes files. Gives what ends that. */
async function interceptAll(before: () => void): Promise<() => void> {
  using database = new DatabaseSync(':memory:')
  const statement: unknown = Object.getPrototypeOf(database.prepare('select 1'))
  await using handle = await promises.open(devNull)
  const restorers = [
    intercept(DatabaseSync.prototype, ['exec'], before),
    intercept(statement as Methods, ['run', 'all'], before),
    intercept(promises, ['open', 'rename', 'link', 'rm', 'mkdir'], before),
    intercept(
      Object.getPrototypeOf(handle) as FileHandle,
      ['writeFile', 'write', 'truncate', 'datasync', 'sync', 'close'],
      before,
    ),
  ]
  syncBuiltinESMExports()
  return () => {
    for (const restore of restorers) restore()
    syncBuiltinESMExports()
  }
}

type Methods = Record<string, (...values: unknown[]) => unknown>

function intercept(target: object, names: readonly string[], before: () => void): () => void {
  const methods = target as Methods
  const originals = names.map((name) => [name, methods[name]] as const)
  for (const [name, original] of originals) {
    methods[name] = function (this: unknown, ...values) {
      before()
      return original?.apply(this, values)
    }
  }
  return () => {
    for (const [name, original] of originals) if (original !== undefined) methods[name] = original
  }
}
