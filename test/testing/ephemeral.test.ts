import { CreateAliasCommand, KMSClient, ListAliasesCommand } from '@aws-sdk/client-kms'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MAIN } from '../program/program.ts'
import { startTestServer } from '../server.ts'

const SEED = new URL('../../examples/test-kit/seed.yaml', import.meta.url).pathname

interface Ready {
  readonly url: string
  readonly region: string
  readonly data: null
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly accounts: readonly { readonly id: string; readonly users: readonly { readonly name: string }[] }[]
}

/** Where temporary directories are made. */
let temporary: string
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'keyspan-'))
})
afterEach(() => rm(temporary, { recursive: true }))

function start(...flags: readonly string[]): ChildProcess {
  return spawn(process.execPath, [MAIN, 'serve', '--ephemeral', ...flags], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: temporary },
  })
}

async function ready(child: ChildProcess): Promise<Ready> {
  let text = ''
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk)
    if (text.endsWith('\n')) return JSON.parse(text) as Ready
  }
  throw new Error(`It ended before it was ready: ${text}`)
}

describe('keyspan serve --ephemeral', () => {
  it('says in one line where it is, goes back to its seed, and ends with the pipe to it', async () => {
    const child = start('--seed', SEED, '--credentials', 'test:test')
    const exit = once(child, 'exit')
    const { url, region, data, credentials, accounts } = await ready(child)
    expect({ region, data, credentials }).toEqual({
      region: 'us-east-1',
      data: null,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    })
    expect(accounts).toMatchObject([{ id: '111122223333', users: [{ name: 'writer' }] }])
    const kms = new KMSClient({ endpoint: url, region, credentials })
    const aliases = async () => (await kms.send(new ListAliasesCommand({}))).Aliases?.map(({ AliasName }) => AliasName)
    const TargetKeyId = 'mrk-1234abcd12ab34cd56ef1234567890ab'
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/another', TargetKeyId }))
    expect(await aliases()).toContain('alias/another')
    expect((await fetch(`${url}/reset`, { method: 'POST' })).status).toBe(200)
    expect(await aliases()).not.toContain('alias/another')
    expect(await readdir(temporary)).toHaveLength(1)
    child.stdin?.end()
    expect(await exit).toEqual([0, null])
    expect(await readdir(temporary)).toEqual([])
  })

  it('ends with the process that has started it, however that ends', async () => {
    // It has no pipe to hear of: only its parent is gone.
    const script = `const { spawn } = require('node:child_process')
      spawn(process.execPath, ${JSON.stringify([MAIN, 'serve', '--ephemeral'])}, { stdio: ['ignore', 'inherit', 'inherit'] })
      setInterval(() => {}, 1000)`
    const parent = spawn(process.execPath, ['-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: temporary },
    })
    const { url } = await ready(parent)
    expect((await fetch(`${url}/health`)).status).toBe(200)
    parent.kill('SIGKILL')
    await expect.poll(() => readdir(temporary)).toEqual([])
    await expect(fetch(url)).rejects.toThrow()
  })

  it.each([
    [['--data', 'x'], '--data has no meaning with --ephemeral'],
    [['--credentials', 'test'], 'The credentials from the flag --credentials are not'],
    [['--seed', '/nowhere.yaml'], '/nowhere.yaml cannot be used: there is no such file'],
  ])('refuses %j', async (flags, message) => {
    const child = spawn(process.execPath, [MAIN, 'serve', '--ephemeral', ...flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let text = ''
    child.stderr?.on('data', (chunk) => {
      text += String(chunk)
    })
    expect(await once(child, 'close')).toEqual([2, null])
    expect(text).toContain(message)
  })
})

describe('GET /health', () => {
  it('tells whoever asks whether there are answers, and nothing else', async () => {
    await using server = await startTestServer()
    const answer = await fetch(`${server.url}/health`)
    expect([answer.status, await answer.text()]).toEqual([200, '{"status":"ok"}'])
    for (const method of ['POST', 'DELETE']) {
      const other = await fetch(`${server.url}/health`, { method })
      expect(other.status).toBeGreaterThanOrEqual(400)
      expect(await other.text()).not.toContain('ok')
    }
  })
})

describe('POST /reset', () => {
  it('is nothing on a server that keeps its data, in development mode or not', async () => {
    for (const dev of [true, false]) {
      await using server = await startTestServer({ dev })
      const reset = await fetch(`${server.url}/reset`, { method: 'POST' })
      const other = await fetch(`${server.url}/other`, { method: 'POST' })
      expect(reset.status).toBe(other.status)
      expect(reset.status).toBeGreaterThanOrEqual(400)
    }
  })
})
