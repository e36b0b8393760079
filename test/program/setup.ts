import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const ROOT = new URL('../..', import.meta.url).pathname

/** Null where another project of the same run has bundled it. */
let directory: string | null = null

/**
 * Bundles the program once for all tests, as its package has it: so it starts in a fraction of the time. It is the
 * `MAIN` of program.ts then.
 */
export async function setup(): Promise<void> {
  if (process.env['KEYSPAN_TEST_MAIN'] !== undefined) return
  directory = await mkdtemp(join(tmpdir(), 'keyspan-program-'))
  await promisify(execFile)(process.execPath, [join(ROOT, 'build/bundle.ts'), join(directory, 'dist')])
  await cp(join(ROOT, 'package.json'), join(directory, 'package.json'))
  await cp(join(ROOT, 'bin'), join(directory, 'bin'), { recursive: true })
  process.env['KEYSPAN_TEST_MAIN'] = join(directory, 'bin', 'keyspan.cjs')
}

/** Takes it away. */
export async function teardown(): Promise<void> {
  if (directory !== null) await rm(directory, { recursive: true })
}
