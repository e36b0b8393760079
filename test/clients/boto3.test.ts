import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../server.ts'

const DRILL = new URL('dr_drill.py', import.meta.url).pathname
const OWN_KEY = new URL('own_key.py', import.meta.url).pathname
const WALK = new URL('iam_walk.py', import.meta.url).pathname
const STACK_WALK = new URL('stack_walk.py', import.meta.url).pathname

function hasBoto3(): boolean {
  try {
    execFileSync('python3', ['-c', 'import boto3'], { stdio: 'ignore' })
    return true
  } catch {
    console.warn('SKIPPED: test/clients/*.py need Python with boto3, which is not on this machine.')
    return false
  }
}

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server[Symbol.asyncDispose]())

describe.skipIf(!hasBoto3())('boto3', () => {
  async function run(script: string): Promise<string> {
    const env = {
      ...process.env,
      AWS_SHARED_CREDENTIALS_FILE: `${server.path}/aws/credentials`,
      AWS_CONFIG_FILE: `${server.path}/aws/config`,
      AWS_PROFILE: 'keyspan',
    }
    const { stdout } = await promisify(execFile)('python3', [script], { env, encoding: 'utf8' })
    return stdout
  }

  it('goes through the disaster-recovery drill', async () => {
    expect(await run(DRILL)).toContain('drill done')
  }, 60_000)

  it('brings a key of its own, with OpenSSL', async () => {
    expect(await run(OWN_KEY)).toContain('own key done')
  }, 60_000)

  it('goes through users, policies and roles', async () => {
    expect(await run(WALK)).toContain('walk done')
  }, 60_000)

  it('goes through the life of a stack', async () => {
    expect(await run(STACK_WALK)).toContain('stack walk done')
  }, 60_000)
})
