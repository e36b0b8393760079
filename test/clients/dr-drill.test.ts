import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const DRILL = new URL('../../examples/dr-drill.sh', import.meta.url).pathname

/** The AWS CLI is not ours to install: without it there is no drill, and the run says so. */
function hasAwsCli(): boolean {
  try {
    execFileSync('aws', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    console.warn('SKIPPED: examples/dr-drill.sh needs the AWS CLI, which is not on this machine.')
    return false
  }
}

describe.skipIf(!hasAwsCli())('examples/dr-drill.sh', () => {
  it('comes to its end with the AWS CLI', async () => {
    const { stdout } = await promisify(execFile)(DRILL, { encoding: 'utf8' })
    expect(stdout).toContain('The drill is over: nothing was lost.')
  }, 180_000)
})
