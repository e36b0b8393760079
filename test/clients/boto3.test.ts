import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../server.ts'
import { hasTool, profileOf, runTool } from './tools.ts'

const DRILL = new URL('dr_drill.py', import.meta.url).pathname
const OWN_KEY = new URL('own_key.py', import.meta.url).pathname
const WALK = new URL('iam_walk.py', import.meta.url).pathname
const STACK_WALK = new URL('stack_walk.py', import.meta.url).pathname

const hasBoto3 = hasTool('python3', ['-c', 'import boto3'], 'test/clients/*.py need Python with boto3')

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server[Symbol.asyncDispose]())

describe.skipIf(!hasBoto3)('boto3: the scripts', () => {
  const run = (script: string) => runTool('python3', [script], profileOf(server))

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
