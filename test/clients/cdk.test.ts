import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { DescribeKeyCommand } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'
import { kmsClient } from './kms-client.ts'
import { profileOf } from './tools.ts'

const EXAMPLE = new URL('../../examples/cdk', import.meta.url).pathname
/** A folder where `npm install` has put what examples/cdk/package.json asks for. */
const INSTALLED = process.env['KEYSPAN_CDK']
if (INSTALLED === undefined) console.warn('SKIPPED: examples/cdk needs KEYSPAN_CDK, a folder with what it asks for.')
const MINUTES = 60_000

describe.skipIf(INSTALLED === undefined)('CDK: a key with its replica', () => {
  let server: TestServer
  let directory: string

  beforeAll(async () => {
    server = await startTestServer()
    directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
    cpSync(EXAMPLE, directory, { recursive: true })
    symlinkSync(join(INSTALLED ?? '', 'node_modules'), join(directory, 'node_modules'))
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    rmSync(directory, { recursive: true })
  })

  async function run(tool: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<string> {
    const env = { ...profileOf(server), AWS_ENDPOINT_URL: server.url, CI: 'true', ...more }
    return (await promisify(execFile)(tool, [...args], { cwd: directory, env, encoding: 'utf8' })).stdout
  }

  const cdk = (...args: readonly string[]) => run('node_modules/.bin/cdk', args, { CDK_SEND: '1' })

  it('is made from what the CDK synthesizes', { timeout: 3 * MINUTES }, async () => {
    await run('node_modules/.bin/cdk', ['synth', '--quiet'])
    const arn = await createStack('Keys', HOME, ['--capabilities', 'CAPABILITY_IAM'])
    await createStack('Replicas', AWAY, ['--parameters', `ParameterKey=PrimaryArn,ParameterValue=${arn}`])
    const there = await (await kmsClient(server, AWAY)).send(new DescribeKeyCommand({ KeyId: arn.replace(HOME, AWAY) }))
    expect(there.KeyMetadata?.MultiRegionConfiguration?.MultiRegionKeyType).toBe('REPLICA')
    for (const [name, region] of [
      ['Replicas', AWAY],
      ['Keys', HOME],
    ] as const) {
      await run('aws', ['cloudformation', 'delete-stack', '--stack-name', name, '--region', region])
      await run('aws', ['cloudformation', 'wait', 'stack-delete-complete', '--stack-name', name, '--region', region])
    }
  })

  it('is deployed, is as it was synthesized, and is destroyed', { timeout: 3 * MINUTES }, async () => {
    await cdk('deploy', 'Keys', '--require-approval', 'never')
    // With what was synthesized to be deployed.
    expect(await cdk('diff', 'Keys', '--fail', '--app', 'cdk.out')).toBeDefined()
    await cdk('destroy', 'Keys', '--force', '--app', 'cdk.out')
  })

  /** Makes a stack of a synthesized template; gives its first output that is an ARN. */
  async function createStack(name: string, region: string, more: readonly string[]): Promise<string> {
    const place = ['--stack-name', name, '--region', region]
    const template = `file://${directory}/cdk.out/${name}.template.json`
    await run('aws', ['cloudformation', 'create-stack', ...place, '--template-body', template, ...more])
    await run('aws', ['cloudformation', 'wait', 'stack-create-complete', ...place])
    const query = ['--query', 'Stacks[0].Outputs[?ends_with(OutputKey, `PrimaryArn`)].OutputValue', '--output', 'text']
    return (await run('aws', ['cloudformation', 'describe-stacks', ...place, ...query])).trim()
  }
})
