import { execFile } from 'node:child_process'
import { appendFileSync, rmSync } from 'node:fs'
import { mkdtemp, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A file system of its own, to be filled. */
export interface SmallDisk extends AsyncDisposable {
  readonly path: string
  /** Takes all room that is left. */
  fill(): void
  /** Gives it back. */
  makeRoom(): void
}

/** Mounts a file system in memory; null where this user may not, which is root's right on most machines. */
export async function mountSmallDisk(megabytes: number): Promise<SmallDisk | null> {
  const path = await mkdtemp(join(tmpdir(), 'keyspan-disk-'))
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'tmpfs', path])
  } catch {
    await rmdir(path)
    return null
  }
  const filler = join(path, 'filler')
  return {
    path,
    fill() {
      for (const bytes of [1024 * 1024, 4096, 1]) {
        try {
          for (;;) appendFileSync(filler, Buffer.alloc(bytes))
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
        }
      }
    },
    makeRoom: () => rmSync(filler),
    async [Symbol.asyncDispose]() {
      await run('umount', [path])
      await rmdir(path)
    },
  }
}
