import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtempDisposable, readFile, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { MAIN } from './program/program.ts'
import { startTestServer } from './server.ts'

const ROOT = new URL('..', import.meta.url).pathname
const run = promisify(execFile)

/** Without what would be in the way of a profile. */
const CLEAN = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_')))
const IN_THE_WAY = {
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'x',
  AWS_ENDPOINT_URL: 'http://x',
  AWS_DEFAULT_REGION: 'eu-central-1',
  AWS_ROLE_ARN: 'arn:aws:iam::444455556666:role/ci',
  AWS_WEB_IDENTITY_TOKEN_FILE: '/nowhere',
}

describe('keyspan env', () => {
  it('makes a shell that was somebody else’s the profile’s, and says what it has taken away', async () => {
    await using server = await startTestServer({ regions: 'us-east-1' })
    const script = `eval "$('${process.execPath}' '${MAIN}' env --data '${server.path}')" && env`
    const { stdout, stderr } = await run('sh', ['-c', script], { env: { ...CLEAN, ...IN_THE_WAY } })
    const names = stdout.split('\n').filter((line) => line.startsWith('AWS_'))
    expect(names.toSorted()).toEqual([
      `AWS_CONFIG_FILE=${join(server.path, 'aws', 'config')}`,
      'AWS_PROFILE=keyspan',
      `AWS_SHARED_CREDENTIALS_FILE=${join(server.path, 'aws', 'credentials')}`,
    ])
    expect(stderr).toContain(Object.keys(IN_THE_WAY).toSorted().join(', '))
    const { stdout: json } = await run(process.execPath, [MAIN, 'env', '--data', server.path, '--output', 'json'], {
      env: { ...CLEAN, ...IN_THE_WAY },
    })
    expect(JSON.parse(json)).toMatchObject({
      set: { AWS_PROFILE: 'keyspan' },
      unset: Object.keys(IN_THE_WAY).toSorted(),
    })
  })

  it('passes a proxy by', async () => {
    await using server = await startTestServer({ regions: 'us-east-1' })
    const script = `eval "$('${process.execPath}' '${MAIN}' env --data '${server.path}')" && env`
    const environment = { ...CLEAN, https_proxy: 'http://proxy:3128', no_proxy: 'example.com' }
    const { stdout } = await run('sh', ['-c', script], { env: environment })
    expect(stdout).toContain('NO_PROXY=example.com,127.0.0.1\n')
    expect(stdout).toContain('no_proxy=example.com,127.0.0.1\n')
  })

  it('names the profiles that there are', async () => {
    await using server = await startTestServer({ regions: 'us-east-1' })
    await expect(run(process.execPath, [MAIN, 'env', '--data', server.path, '--profile', 'bob'])).rejects.toMatchObject(
      {
        stderr: `keyspan: "bob" is no profile of ${server.path}. There are keyspan.\n`,
      },
    )
  })
})

/** What `keyspan serve` prints until it is ready. */
async function banner(cwd: string, flags: readonly string[], environment: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(process.execPath, [MAIN, 'serve', '--port', '0', '--regions', 'us-east-1', ...flags], {
    cwd,
    env: { ...CLEAN, ...environment },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let text = ''
  for await (const chunk of child.stdout) {
    text += String(chunk)
    if (text.includes('create-key')) break
  }
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
  return text
}

describe('What a server says when it is ready', () => {
  it('is loud about what is not as it is in earnest, and can be pasted', async () => {
    await using directory = await mkdtempDisposable(join(tmpdir(), 'keyspan it’s '))
    const loud = await banner(directory.path, ['--dev', '--enforcement', 'log'], IN_THE_WAY)
    expect(loud).toContain('ATTENTION: DEVELOPMENT MODE')
    expect(loud).toContain('ATTENTION: POLICIES ARE NOT ENFORCED')
    expect(loud).toContain('ATTENTION: In this shell, AWS_ACCESS_KEY_ID,')
    const lines = loud.split('\n').filter((line) => /^ {2}(?:export|unset) /.test(line))
    const { stdout } = await run('sh', ['-c', `${lines.join('\n')}\nenv`], { env: { ...CLEAN, ...IN_THE_WAY } })
    expect(stdout).toContain(`AWS_CONFIG_FILE=${join(directory.path, 'keyspan-data', 'aws', 'config')}\n`)
    expect(stdout).not.toContain('AWS_ACCESS_KEY_ID')
  })

  it('is quiet where all is well', async () => {
    await using directory = await mkdtempDisposable(join(tmpdir(), 'keyspan-'))
    expect(await banner(directory.path, [], {})).not.toContain('ATTENTION')
  })
})

describe('A clone', () => {
  it('keeps its data where the user stands, not where the clone is', async () => {
    await using directory = await mkdtempDisposable(join(tmpdir(), 'keyspan-'))
    const [clone, here] = [join(directory.path, 'clone'), join(directory.path, 'here')]
    await mkdir(clone)
    await mkdir(here)
    for (const name of ['src', 'package.json']) await cp(join(ROOT, name), join(clone, name), { recursive: true })
    await symlink(join(ROOT, 'node_modules'), join(clone, 'node_modules'))
    await run('npm', ['--prefix', clone, 'run', '-s', 'keyspan', '--', 'account', 'create', '444455556666'], {
      cwd: here,
    })
    expect(await readFile(join(here, 'keyspan-data', 'aws', 'config'), 'utf8')).toContain(
      '[profile keyspan-444455556666]',
    )
  })

  it('says which log levels there are, and makes nothing', async () => {
    await using directory = await mkdtempDisposable(join(tmpdir(), 'keyspan-'))
    const serve = run(process.execPath, [MAIN, 'serve', '--port', '0'], {
      cwd: directory.path,
      env: { ...CLEAN, KEYSPAN_LOG: 'loud' },
    })
    await expect(serve).rejects.toMatchObject({
      code: 2,
      stderr:
        'keyspan: The log level "loud" from KEYSPAN_LOG is none. There are fatal, error, warn, info, debug, trace, silent.\n',
    })
    await expect(readFile(join(directory.path, 'keyspan-data'))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
