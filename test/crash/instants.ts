import { createHash } from 'node:crypto'
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import promises, { type FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { devNull } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * Runs `work` and copies a data directory at every instant at which a kill would leave it different: before each
 * statement of SQLite and before each call that changes a file.
 *
 * What is copied is what a killed process leaves: SQLite's own files, as they are between two of its calls.
 *
 * @param copies the directory in which the copies are laid, each named by its number
 * @param isCounted says of a file whether an instant that differs in it alone is another one
 * @returns their paths
 */
export async function copyInstants(
  path: string,
  copies: string,
  work: () => Promise<unknown>,
  isCounted: (path: string) => boolean = () => true,
): Promise<readonly string[]> {
  const taken = new Map<string, string>()
  const copy = (): void => {
    if (!existsSync(path)) return
    const digest = digestOf(path, isCounted)
    if (taken.has(digest)) return
    const to = join(copies, String(taken.size))
    cpSync(path, to, { recursive: true, filter: isKept })
    taken.set(digest, to)
  }
  const restore = await interceptAll(copy)
  try {
    await work()
    copy()
  } finally {
    restore()
  }
  return [...taken.values()]
}

/** A socket is none of it, and SQLite makes its shared memory anew. */
function isKept(path: string): boolean {
  return !/\.sock$|-shm$/.test(path)
}

function digestOf(path: string, isCounted: (path: string) => boolean): string {
  const digest = createHash('sha256')
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name)
    if (!entry.isFile() || !isKept(file) || !isCounted(file)) continue
    digest.update(`${file}\0`).update(readFileSync(file))
  }
  return digest.digest('hex')
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
