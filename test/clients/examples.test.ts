import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const EXAMPLES = new URL('../../examples/', import.meta.url).pathname

/** The tools are not ours to install: without one there is no example, and the run says so. */
function hasTool(tool: string, argument: string): boolean {
  try {
    execFileSync(tool, [argument], { stdio: 'ignore' })
    return true
  } catch {
    console.warn(`SKIPPED: examples/*.sh need ${tool}, which is not on this machine.`)
    return false
  }
}

const hasAwsCli = hasTool('aws', '--version')
const hasOpenSsl = hasTool('openssl', 'version')

describe.concurrent('With the AWS CLI', () => {
  it.skipIf(!hasAwsCli)(
    'examples/dr-drill.sh comes to its end',
    async () => {
      const { stdout } = await promisify(execFile)(`${EXAMPLES}dr-drill.sh`, { encoding: 'utf8' })
      expect(stdout).toContain('The drill is over: nothing was lost.')
    },
    180_000,
  )

  it.skipIf(!hasAwsCli)(
    'examples/cloudformation/deploy.sh comes to its end',
    async () => {
      const { stdout } = await promisify(execFile)(`${EXAMPLES}cloudformation/deploy.sh`, { encoding: 'utf8' })
      expect(stdout).toContain('The stacks are gone, and the key was yours to keep.')
    },
    180_000,
  )

  it.skipIf(!hasAwsCli || !hasOpenSsl)(
    'examples/bring-your-own-key.sh comes to its end, with OpenSSL',
    async () => {
      const { stdout } = await promisify(execFile)(`${EXAMPLES}bring-your-own-key.sh`, { encoding: 'utf8' })
      expect(stdout).toContain('The key is yours: all of it opens again.')
    },
    180_000,
  )
})
