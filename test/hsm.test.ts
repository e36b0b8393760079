import { DecryptCommand, CreateKeyCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { askRunningServer } from '../src/cli/control-client.ts'
import { readConfig } from '../src/server/config/config.ts'
import { dataDirectory } from '../src/server/data/data-directory.ts'
import { startServer, type Server } from '../src/server/start.ts'
import { keyringStatus } from '../src/server/trust/inspect-keyring.ts'
import { AWAY, credentialsIn, HOME } from './server.ts'

const MODULE = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib64/softhsm/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
].find((path) => existsSync(path))
const binding = await import('pkcs11js').then(
  ({ default: loaded }) => loaded,
  () => null,
)
const missing =
  MODULE === undefined ? 'SoftHSM (apt-get install softhsm2)' : binding === null ? 'the package pkcs11js' : null
if (missing !== null) process.stderr.write(`\nNOT RUN: the tests of a root key in an HSM need ${missing}.\n\n`)

const TOKEN = 'keyspan'
const PIN = 'a pin of words'
const HSM = { 'root-hsm-module': MODULE, 'root-hsm-token': TOKEN } as const

let tokens: string
let directory: string
let path: string
let pinFile: string
const running = new Set<Server>()

beforeAll(async () => {
  tokens = await mkdtemp(join(tmpdir(), 'keyspan-'))
  if (missing !== null) return
  await mkdir(join(tokens, 'tokens'))
  const file = join(tokens, 'softhsm2.conf')
  await writeFile(
    file,
    `directories.tokendir = ${join(tokens, 'tokens')}\nobjectstore.backend = file\nlog.level = ERROR\n`,
  )
  vi.stubEnv('SOFTHSM2_CONF', file)
  const args = ['--init-token', '--free', '--label', TOKEN, '--so-pin', '12345678', '--pin', PIN]
  execFileSync('softhsm2-util', args, { stdio: 'ignore' })
})
afterAll(() => {
  vi.unstubAllEnvs()
  return rm(tokens, { recursive: true })
})
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keyspan-'))
  path = join(directory, 'data')
  pinFile = join(directory, 'pin')
  await writeFile(pinFile, `${PIN}\n`, { mode: 0o600 })
})
afterEach(async () => {
  for (const server of running) await server.stop()
  running.clear()
  await rm(directory, { recursive: true })
})

async function start(flags: object = {}, sealed: (url: string) => void = () => {}): Promise<Server> {
  const config = readConfig({ data: path, port: 0, dev: true, regions: `${HOME},${AWAY}`, ...flags }, {})
  const server = await startServer(config, pino({ level: 'silent' }), { sealed })
  running.add(server)
  return server
}

async function stop(server: Server): Promise<void> {
  running.delete(server)
  await server.stop()
}

const ask = (question: string, body: object | Buffer = {}) => askRunningServer(dataDirectory(path), question, body)
const moveTo = (key: string, pin = PIN) =>
  ask('/keyring/hsm', Buffer.from(`${JSON.stringify({ module: MODULE, token: TOKEN, key })}\n${pin}`))

async function kms({ url }: Server): Promise<KMSClient> {
  return new KMSClient({ region: HOME, endpoint: url, credentials: await credentialsIn(path), maxAttempts: 1 })
}

/** Encrypts; what comes back says whether a server opens it. */
async function encrypted(server: Server): Promise<(again: Server) => Promise<void>> {
  const { KeyMetadata: key } = await (await kms(server)).send(new CreateKeyCommand({}))
  const input = { KeyId: key?.KeyId, Plaintext: Buffer.from('attack at dawn') }
  const { CiphertextBlob } = await (await kms(server)).send(new EncryptCommand(input))
  return async (again) => {
    const opened = await (await kms(again)).send(new DecryptCommand({ CiphertextBlob }))
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('attack at dawn')
  }
}

describe.skipIf(missing !== null)('A root key in an HSM', () => {
  it('is made there by a new server, and opens its data with the PIN in a file', async () => {
    const own = { 'root-key-provider': 'pkcs11', ...HSM, 'root-hsm-pin-file': pinFile }
    await expect(start(own)).rejects.toThrow('give root-hsm-key a label')
    const server = await start({ ...own, 'root-hsm-key': 'made' })
    const opens = await encrypted(server)
    await stop(server)
    expect(existsSync(join(path, 'root.key'))).toBe(false)
    const again = await start(own)
    await opens(again)
    expect((await keyringStatus(dataDirectory(path))).provider).toBe('pkcs11')
    expect(await ask('/keyring/verify')).toMatchObject({ stores: expect.any(Array) })
  })

  it('takes over from a file and back, is rotated, and takes over a key that is there', async () => {
    const server = await start()
    const opens = await encrypted(server)
    const rootOf = async () => (await keyringStatus(dataDirectory(path))).stores[0]?.domainKeys.at(-1)?.rootKey
    expect(await moveTo('taken')).toMatchObject({ text: expect.stringContaining('--root-key-provider pkcs11') })
    const first = await rootOf()
    await moveTo('taken')
    const second = await rootOf()
    expect(second).not.toBe(first)
    await opens(server)
    await expect(ask('/keyring/root', { to: null })).rejects.toThrow('rotate root --to pkcs11')
    await stop(server)
    const again = await start({ ...HSM, 'root-hsm-pin-file': pinFile })
    await opens(again)
    await ask('/keyring/root', { to: 'file' })
    // The only one of its label, which is not the root key now.
    await moveTo('made')
    await ask('/keyring/root', { to: 'file' })
    await stop(again)
    await opens(await start())
  })

  it('waits for the PIN where no file has it, and says what is wrong with another one', async () => {
    const server = await start()
    const opens = await encrypted(server)
    await expect(moveTo('asked', 'wrong')).rejects.toThrow(/not the PIN of the token "keyspan"/)
    await moveTo('asked')
    await stop(server)
    logOut()
    const { promise, resolve } = Promise.withResolvers<string>()
    const starting = start(HSM, resolve)
    await promise
    expect(await ask('/sealed')).toMatchObject({ isSealed: true, isNew: false, kind: 'pkcs11' })
    await expect(ask('/unseal', Buffer.from('wrong'))).rejects.toThrow(/not the PIN/)
    await ask('/unseal', Buffer.from(PIN))
    await opens(await starting)
  })

  it('opens its session again where it was lost', async () => {
    const server = await start()
    await moveTo('lost')
    logOut()
    expect(await ask('/keyring/domain')).toMatchObject({ text: expect.stringContaining('another domain key') })
    const opens = await encrypted(server)
    await opens(server)
  })

  it('is refused with words for what is missing', async () => {
    const own = { 'root-key-provider': 'pkcs11', 'root-hsm-pin-file': pinFile, 'root-hsm-key': 'none' }
    await expect(start(own)).rejects.toThrow('Give root-hsm-module')
    await expect(start({ ...own, 'root-hsm-module': MODULE })).rejects.toThrow('Give root-hsm-token')
    await expect(start({ ...own, 'root-hsm-module': pinFile, 'root-hsm-token': TOKEN })).rejects.toThrow(
      /is no PKCS#11 module that can be loaded/,
    )
    await expect(start({ ...own, ...HSM, 'root-hsm-token': 'other' })).rejects.toThrow(
      /Not one token of the HSM is named "other". There are "keyspan"/,
    )
    await expect(start({ 'root-key-provider': 'file', ...HSM })).rejects.toThrow('has no meaning with')
    const server = await start()
    await stop(server)
    await expect(start(HSM)).rejects.toThrow(/held by the provider file, and root-hsm-module says otherwise/)
  })

  it('keeps the PIN out of its files', async () => {
    const server = await start()
    await moveTo('quiet')
    await stop(server)
    for (const name of ['global.sqlite', 'keyring.json']) {
      expect((await readFile(join(path, name))).includes(PIN)).toBe(false)
    }
  })
})

/** What a token that is taken out and put in again has done to sessions. */
function logOut(): void {
  if (binding === null || MODULE === undefined) return
  const module = new binding.PKCS11()
  module.load(MODULE)
  for (const slot of module.C_GetSlotList(true)) module.C_CloseAllSessions(slot)
  module.close()
}
