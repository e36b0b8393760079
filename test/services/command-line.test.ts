import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../server.ts'

function hasAws(): boolean {
  try {
    execFileSync('aws', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    console.warn('SKIPPED: the AWS command line is not on this machine.')
    return false
  }
}

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server[Symbol.asyncDispose]())

async function aws(...words: readonly string[]): Promise<unknown> {
  const env = {
    ...process.env,
    AWS_SHARED_CREDENTIALS_FILE: `${server.path}/aws/credentials`,
    AWS_CONFIG_FILE: `${server.path}/aws/config`,
    AWS_PROFILE: 'keyspan',
    AWS_PAGER: '',
  }
  const all = [...words, '--endpoint-url', server.url, '--output', 'json']
  const { stdout } = await promisify(execFile)('aws', all, { env, encoding: 'utf8' })
  return stdout === '' ? null : JSON.parse(stdout)
}

describe.skipIf(!hasAws())('The AWS command line', () => {
  it('makes an organization and describes it', async () => {
    await aws('organizations', 'create-organization')
    expect(await aws('organizations', 'describe-organization')).toMatchObject({
      Organization: { MasterAccountId: '111122223333', FeatureSet: 'ALL' },
    })
  }, 60_000)

  it('is told why not, with the reason', async () => {
    await expect(aws('organizations', 'leave-organization')).rejects.toThrow(
      'An error occurred (MasterCannotLeaveOrganizationException) when calling the LeaveOrganization operation: You',
    )
  }, 60_000)

  it('switches a Region on', async () => {
    await aws('account', 'enable-region', '--region-name', 'eu-south-1')
    expect(await aws('account', 'get-region-opt-status', '--region-name', 'eu-south-1')).toEqual({
      RegionName: 'eu-south-1',
      RegionOptStatus: 'ENABLED',
    })
  }, 60_000)
})
