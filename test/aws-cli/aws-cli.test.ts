import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { delimiter, dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { hasTool } from '../clients/tools.ts'

const PUT_WITHIN_MS = 20_000
const POLL_MS = 100

/** The `aws` that the set-up of all tests puts first on the PATH, once it is there. */
async function quickAws(): Promise<string | null> {
  for (let waited = 0; waited < PUT_WITHIN_MS; waited += POLL_MS) {
    const path = execFileSync('which', ['aws'], { encoding: 'utf8' }).trim()
    if (path.includes('/aws-cli-')) return path
    await setTimeout(POLL_MS)
  }
  return null
}

const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_DEFAULT_REGION: 'us-east-1',
}

/** What a command says, and how it ends. */
function run(args: readonly string[], input: string, path: string) {
  return new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    const env = {
      PATH: path,
      ...CREDENTIALS,
      // Nobody listens at port 9.
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      AWS_MAX_ATTEMPTS: '1',
    }
    const child = execFile('aws', [...args], { env, cwd: '/', encoding: 'utf8' }, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr })
    })
    child.stdin?.end(input)
  })
}

const isHere =
  hasTool('aws', ['--version'], 'the AWS CLI without its start needs the AWS CLI') &&
  hasTool('python3', ['-c', 'import awscli'], 'the AWS CLI without its start needs the AWS CLI as a package of Python')

describe.skipIf(!isHere)('The AWS CLI without its start', () => {
  it.each([
    ['says its version', ['--version'], ''],
    ['refuses what is no command', ['kms', 'nothing'], ''],
    ['refuses what cannot be', ['kms', 'describe-key'], ''],
    ['reads its standard input', ['kms', 'encrypt', '--cli-input-json', 'file:///dev/stdin'], '{"KeyId": 3}'],
    [
      'reads files of its directory, and says who does not answer',
      ['kms', 'list-keys', '--region', 'file://etc/shells'],
      '',
    ],
  ])('%s, as with it', async (_what, args, input) => {
    const quick = await quickAws()
    expect(quick).not.toBeNull()
    const path = process.env['PATH'] ?? ''
    const others = path.split(delimiter).filter((directory) => directory !== dirname(quick ?? ''))
    const [fast, slow] = await Promise.all([run(args, input, path), run(args, input, others.join(delimiter))])
    expect(fast).toEqual(slow)
    expect(`${fast.stdout}${fast.stderr}`).not.toBe('')
  })

  it('ends with whoever has asked for it', async () => {
    expect(await quickAws()).not.toBeNull()
    const listener = createServer().listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const { port } = listener.address() as AddressInfo
    const asked = once(listener, 'connection') as Promise<[Socket]>
    const child = spawn('aws', ['kms', 'list-keys'], {
      env: { ...process.env, ...CREDENTIALS, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` },
      stdio: 'ignore',
    })
    const [connection] = await asked
    connection.resume()
    child.kill('SIGKILL')
    await once(connection, 'close')
    listener.close()
  })
})
