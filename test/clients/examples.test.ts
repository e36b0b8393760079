import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasTool, runTool } from './tools.ts'

const EXAMPLES = new URL('../../examples/', import.meta.url).pathname

const hasAwsCli = hasTool('aws', ['--version'], 'examples/*.sh need the AWS CLI')
const hasOpenSsl = hasTool('openssl', ['version'], 'examples/bring-your-own-key.sh needs openssl')

/** Where Node keeps the sources that it has compiled, for every command of every example. */
let compiled: string
beforeAll(async () => {
  compiled = await mkdtemp(join(tmpdir(), 'keyspan-'))
})
afterAll(() => rm(compiled, { recursive: true }))

const environment = () => ({ ...process.env, NODE_COMPILE_CACHE: compiled })

describe.concurrent('AWS CLI: the examples', () => {
  it.skipIf(!hasAwsCli)(
    'examples/dr-drill.sh comes to its end',
    async () => {
      expect(await runTool(`${EXAMPLES}dr-drill.sh`, [], environment())).toContain(
        'The drill is over: nothing was lost.',
      )
    },
    300_000,
  )

  it.skipIf(!hasAwsCli)(
    'examples/cloudformation/deploy.sh comes to its end',
    async () => {
      expect(await runTool(`${EXAMPLES}cloudformation/deploy.sh`, [], environment())).toContain(
        'The stacks are gone, and the key was yours to keep.',
      )
    },
    300_000,
  )

  it.skipIf(!hasAwsCli || !hasOpenSsl)(
    'examples/bring-your-own-key.sh comes to its end, with OpenSSL',
    async () => {
      expect(await runTool(`${EXAMPLES}bring-your-own-key.sh`, [], environment())).toContain(
        'The key is yours: all of it opens again.',
      )
    },
    300_000,
  )
})
