import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { closeSync, existsSync, openSync } from 'node:fs'
import { mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readConfig } from '../src/server/config/config.ts'
import { startServer } from '../src/server/start.ts'
import { replaceFile } from '../src/storage/whole-file.ts'
import { mountSmallDisk } from './crash/small-disk.ts'
import { MAIN } from './program/program.ts'
import { createServerProcessIn } from './server-process.ts'
import { startTestServer } from './server.ts'

let parent: string
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'keyspan-'))
})
afterEach(() => rm(parent, { recursive: true }))

/** The sentence with which a server does not start; it begins otherwise where a data directory was made. */
async function refusal(flags: Readonly<Record<string, unknown>>): Promise<string> {
  const settings = { data: join(parent, 'data'), port: 0, regions: 'us-east-1', ...flags }
  try {
    const server = await startServer(readConfig(settings, {}), pino({ level: 'silent' }))
    await server.stop()
    return 'it has started'
  } catch (error) {
    return existsSync(settings.data) && settings.data === join(parent, 'data')
      ? 'it has made a data directory'
      : (error as Error).message
  }
}

async function file(name: string, text: string): Promise<string> {
  const path = join(parent, name)
  await writeFile(path, text)
  return path
}

describe('A server that cannot start says why, and has made nothing', () => {
  it('where its port is taken', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    expect(await refusal({ port })).toBe(
      `Another program listens on port ${port} of 127.0.0.1. Stop it, or give --port another; 0 takes a free one.`,
    )
    other.close()
  })

  it('where its host is not of this machine', async () => {
    expect(await refusal({ host: '192.0.2.1' })).toContain('This machine has no address 192.0.2.1.')
  })

  it('where its certificate or key is none', async () => {
    const text = await file('text.pem', 'no certificate')
    const { privateKey } = generateKeyPairSync('ed25519')
    const key = await file('key.pem', privateKey.export({ format: 'pem', type: 'pkcs8' }))
    expect(await refusal({ 'tls-cert': text, 'tls-key': key })).toContain(`${text} holds no certificate in PEM`)
    const missing = join(parent, 'missing.pem')
    expect(await refusal({ 'tls-cert': text, 'tls-key': missing })).toBe(
      `The TLS private key ${missing} cannot be read: there is no such file or directory.`,
    )
  })

  it('where an attestation root is none', async () => {
    const text = await file('text.pem', 'no certificate')
    expect(await refusal({ 'attestation-root': text })).toBe(
      `The attestation root ${text} cannot be read: it has no certificate in PEM.`,
    )
  })

  it('where its configuration is not there, or names no directory', async () => {
    const missing = join(parent, 'missing.json')
    expect(await refusal({ config: missing })).toContain(`${missing} cannot be read as JSON: there is no such file`)
    expect(await refusal({ data: '' })).toBe('the flag --data names no data directory: it is empty.')
  })

  it('where its data can be nowhere', async () => {
    const text = await file('file', '')
    expect(await refusal({ data: text })).toContain('there is a file of that name')
    expect(await refusal({ data: join(text, 'below') })).toContain('a part of that path is a file')
    expect(await refusal({ data: '/proc/keyspan' })).toContain('no directory can be made there')
    expect(await refusal({ data: join(parent, 'x'.repeat(120)) })).toContain('too long a name')
  })
})

describe('A damaged database', () => {
  it.each(['global.sqlite', 'regions/us-east-1.sqlite'])('%s is told by its name', async (name) => {
    await using server = await startTestServer({ regions: 'us-east-1' })
    await server.stop()
    const path = join(server.path, name)
    await writeFile(path, 'not a database at all '.repeat(400))
    for (const suffix of ['-wal', '-shm']) await rm(`${path}${suffix}`, { force: true })
    await expect(server.restart()).rejects.toThrow(`The database ${path} is damaged, or cannot be read`)
    expect(await readdir(server.path)).toContain('root.key')
  })
})

describe('A disk that is full', () => {
  it('is told as what it is, whatever cannot be written, and never as damage', async ({ skip }) => {
    await using disk = await mountSmallDisk(24)
    if (disk === null) return skip()
    const args = [MAIN, 'serve', '--data', join(disk.path, 'data'), '--port', '0', '--regions', 'us-east-1']
    const start = () =>
      new Promise<string>((resolve) => {
        const env = { ...process.env, KEYSPAN_LOG: 'silent' }
        const child = execFile(process.execPath, args, { env }, (_, stdout, stderr) => resolve(stdout + stderr))
        child.stdout?.once('data', () => child.kill())
      })
    expect(await start()).toContain('is ready')
    disk.fill()
    const path = join(disk.path, 'file')
    await expect(replaceFile(path, 'x'.repeat(100_000))).rejects.toMatchObject({ code: 'ENOSPC', path })
    const filler = join(disk.path, 'filler')
    for (const left of [0, 16, 32, 32]) {
      await truncate(filler, (await stat(filler)).size - left * 1024)
      expect(await start()).toMatch(/^keyspan: .*\bdisk is full\b|is ready/)
    }
    disk.makeRoom()
    expect(await start()).toContain('is ready')
  }, 60_000)
})

describe('A server whose log cannot be written', () => {
  it('goes on', async () => {
    await using server = await createServerProcessIn(parent, { KEYSPAN_LOG: 'trace' })
    // Each line meets a full disk.
    const full = openSync('/dev/full', 'w')
    await server.start({ log: full })
    closeSync(full)
    const before = await fetch(`${server.url}/health`)
    await fetch(server.url, { method: 'POST', body: 'not signed' })
    const after = await fetch(`${server.url}/health`)
    expect([before.status, after.status]).toEqual([200, 200])
  })
})
