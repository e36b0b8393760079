import { DecryptCommand, EncryptCommand, CreateKeyCommand, ListKeysCommand, KMSClient } from '@aws-sdk/client-kms'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { askRunningServer } from '../src/cli/control-client.ts'
import { readConfig } from '../src/server/config/config.ts'
import { dataDirectory } from '../src/server/data/data-directory.ts'
import { startServer, type Server } from '../src/server/start.ts'
import { keptIn } from '../src/server/data/kept.ts'
import { keyringStatus, verifyKeyring } from '../src/server/trust/inspect-keyring.ts'
import { lookAtRoot } from '../src/server/trust/open-root.ts'
import { copyInstants } from './crash/instants.ts'
import { AWAY, HOME } from './server.ts'

const PASSPHRASE = 'correct horse battery staple'
const OTHER = 'another four words here'

let directory: string
let path: string
const running = new Set<Server>()

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keyspan-'))
  path = join(directory, 'data')
})
afterEach(async () => {
  for (const server of running) await server.stop()
  running.clear()
  await rm(directory, { recursive: true })
})

const clientAt = (endpoint: string, credentials: { accessKeyId: string; secretAccessKey: string }) =>
  new KMSClient({ region: HOME, endpoint, credentials, maxAttempts: 1 })

type Flags = Readonly<Record<string, unknown>>

const configOf = (flags: Flags) =>
  readConfig({ data: path, port: 0, dev: true, regions: `${HOME},${AWAY}`, ...flags }, {})

async function start(flags: Flags = {}, sealed: (url: string) => void = () => {}): Promise<Server> {
  const server = await startServer(configOf(flags), pino({ level: 'silent' }), { sealed })
  running.add(server)
  return server
}

async function stop(server: Server): Promise<void> {
  running.delete(server)
  await server.stop()
}

async function clientOf({ url, data }: Server): Promise<KMSClient> {
  const text = await readFile(data.credentials, 'utf8')
  const [, accessKeyId = '', secretAccessKey = ''] = /key_id = (.*)\n.*access_key = (.*)\n/.exec(text) ?? []
  return clientAt(url, { accessKeyId, secretAccessKey })
}

/** Makes a key and encrypts with it; what comes back says whether that opens on a server. */
async function encrypted(server: Server): Promise<(server: Server) => Promise<void>> {
  const client = await clientOf(server)
  const { KeyMetadata: key } = await client.send(new CreateKeyCommand({}))
  const input = { KeyId: key?.KeyId, Plaintext: Buffer.from('attack at dawn') }
  const { CiphertextBlob: blob } = await client.send(new EncryptCommand(input))
  return async (again) => {
    const opened = await (await clientOf(again)).send(new DecryptCommand({ CiphertextBlob: blob }))
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('attack at dawn')
  }
}

const ask = (question: string, body: object = {}, data = path) => askRunningServer(dataDirectory(data), question, body)

async function passphraseFile(text = PASSPHRASE): Promise<string> {
  const file = join(directory, `passphrase-${text.length}`)
  await writeFile(file, `${text}\n`, { mode: 0o600 })
  return file
}

/** Starts a sealed server, and gives what unseals it. */
async function startSealed(flags: Flags = {}) {
  const { promise, resolve } = Promise.withResolvers<string>()
  const starting = start(flags, resolve)
  const url = await Promise.race([promise, starting.then(() => Promise.reject(new Error('It was not sealed.')))])
  return { url, starting, unseal: (text: string) => ask('/unseal', Buffer.from(text)) }
}

/** Everything opens, offline, under a root key that settings name. */
async function verifyOffline(flags: Flags = {}): Promise<void> {
  const data = dataDirectory(path)
  const root = await (await lookAtRoot(data, configOf(flags).root)).open(null)
  expect((await verifyKeyring(root, keptIn(data))).flatMap(({ faults }) => faults)).toEqual([])
}

describe('A server whose root key is a passphrase', () => {
  it('starts sealed, says so to everybody, and serves once it was given the passphrase', async () => {
    const sealed = await startSealed({ 'root-key-provider': 'passphrase' })
    const health = await fetch(`${sealed.url}/health`)
    expect([health.status, await health.json()]).toEqual([503, { status: 'sealed' }])
    const client = clientAt(sealed.url, { accessKeyId: 'a', secretAccessKey: 'b' })
    await expect(client.send(new ListKeysCommand({}))).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } })
    const iam = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'Action=X' }
    expect(await (await fetch(sealed.url, iam)).text()).toContain('<Code>ServiceUnavailable</Code>')
    await expect(ask('/account/list')).rejects.toThrow(/sealed.*keyspan unseal/)
    await expect(sealed.unseal('short')).rejects.toThrow('at least 12')
    await sealed.unseal(PASSPHRASE)
    const server = await sealed.starting
    expect(new URL(server.url).port).toBe(new URL(sealed.url).port)
    const opens = await encrypted(server)
    await stop(server)
    expect(existsSync(join(path, 'root.key'))).toBe(false)

    // What the data says is enough from now on.
    const again = await startSealed()
    await expect(again.unseal(OTHER)).rejects.toThrow('not the passphrase')
    expect((await fetch(`${again.url}/health`)).status).toBe(503)
    await again.unseal(PASSPHRASE)
    await opens(await again.starting)
  })

  it('has it from a file, which must be its own alone', async () => {
    const file = await passphraseFile()
    const flags = { 'root-key-provider': 'passphrase', 'passphrase-file': file }
    const server = await start(flags)
    const opens = await encrypted(server)
    await stop(server)
    await chmod(file, 0o644)
    await expect(start(flags)).rejects.toThrow(`chmod 600 ${file}`)
    await chmod(file, 0o600)
    await writeFile(file, OTHER)
    await expect(start(flags)).rejects.toThrow('not the passphrase')
    await writeFile(file, PASSPHRASE)
    await opens(await start({ 'passphrase-file': file }))
  })

  it('is refused with another provider than the one that the data knows', async () => {
    const file = await passphraseFile()
    await stop(await start({ 'root-key-provider': 'passphrase', 'passphrase-file': file }))
    await expect(start({ 'root-key-provider': 'file' })).rejects.toThrow(/held by the provider passphrase/)
    const kms = { 'root-key-provider': 'aws-kms', 'root-kms-key': 'alias/a' }
    await expect(start(kms)).rejects.toThrow(/held by the provider passphrase/)
    path = join(directory, 'in-file')
    await stop(await start())
    const other = { 'root-key-provider': 'passphrase', 'passphrase-file': file }
    await expect(start(other)).rejects.toThrow(/held by the provider file/)
    await expect(start({ 'passphrase-file': file })).rejects.toThrow(/held by the provider file/)
  })
})

/** Another server, with a key that is to be the root key, and what names it. */
async function holder() {
  const data = join(directory, 'holder')
  await mkdir(data, { mode: 0o700 })
  const server = await start({ data, regions: HOME })
  const client = await clientOf(server)
  const { KeyMetadata: key } = await client.send(new CreateKeyCommand({}))
  const credentials = join(directory, 'credentials')
  await writeFile(credentials, await readFile(server.data.credentials), { mode: 0o600 })
  const flags = {
    'root-key-provider': 'aws-kms',
    'root-kms-key': key?.Arn,
    'root-kms-endpoint': server.url,
    'root-kms-credentials': credentials,
  }
  return { server, flags, key: key?.Arn ?? '', credentials }
}

describe('A server whose root key is in another Keyspan', () => {
  it('starts with it, and not where it cannot be reached', async () => {
    const other = await holder()
    const server = await start(other.flags)
    const opens = await encrypted(server)
    await stop(server)
    await opens(await start(other.flags))
    await verifyOffline(other.flags)
    for (const each of running) if (each !== other.server) await stop(each)
    await stop(other.server)
    await expect(start(other.flags)).rejects.toThrow(/cannot be reached.*nobody listens there/)
  })

  it('binds each domain key to its place by the encryption context, which the records of the other tell', async () => {
    const other = await holder()
    await stop(await start(other.flags))
    await stop(other.server)
    const logs = await readFile(
      join(directory, 'holder', 'audit', HOME, `${new Date().toISOString().slice(0, 10)}.jsonl`),
      'utf8',
    )
    const contexts = logs
      .split('\n')
      .filter((line) => line.includes('domain-key'))
      .join('\n')
    for (const part of [
      '"keyspan:region":"us-east-1"',
      '"keyspan:region":"global"',
      '"keyspan:version":"1"',
      'keyspan:deployment',
    ]) {
      expect(contexts).toContain(part)
    }
  })

  it('refuses itself, by whatever name, and another that depends on it', async () => {
    const server = await start()
    const client = await clientOf(server)
    const { KeyMetadata: own } = await client.send(new CreateKeyCommand({}))
    const credentials = join(directory, 'own')
    await writeFile(credentials, await readFile(server.data.credentials), { mode: 0o600 })
    const toItself = { to: 'aws-kms', key: own?.Arn, endpoint: server.url, credentials }
    await expect(ask('/keyring/root', toItself)).rejects.toThrow('this very deployment')
    const data = join(directory, 'second')
    const second = await start({
      data,
      'root-key-provider': 'aws-kms',
      'root-kms-key': own?.Arn,
      'root-kms-endpoint': server.url,
      'root-kms-credentials': credentials,
    })
    const { KeyMetadata: key } = await (await clientOf(second)).send(new CreateKeyCommand({}))
    const around = { to: 'aws-kms', key: key?.Arn, endpoint: second.url, credentials: second.data.credentials }
    await expect(ask('/keyring/root', around)).rejects.toThrow('keeps its own root key in this deployment')
    await expect(keyringStatus(server.data)).resolves.toMatchObject({ provider: 'file', isMoving: false })
  })

  it('needs a key, credentials that may use it, and an endpoint that nobody can listen to', async () => {
    const other = await holder()
    const { 'root-kms-key': _key, ...keyless } = other.flags
    await expect(start(keyless)).rejects.toThrow('root-kms-key')
    const bad = join(directory, 'bad')
    await writeFile(bad, '[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = no\n', {
      mode: 0o600,
    })
    await expect(start({ ...other.flags, 'root-kms-credentials': bad })).rejects.toThrow(/refuses Encrypt with/)
    expect(() => configOf({ ...other.flags, 'root-kms-endpoint': 'http://kms.example.com' })).toThrow('in the clear')
  })
})

describe('A root key that is rotated while the server serves', () => {
  it('goes from a file to a passphrase, to KMS and back, and everything opens each time', async () => {
    const other = await holder()
    const file = await passphraseFile()
    let server = await start()
    const opens = await encrypted(server)
    const kms = {
      to: 'aws-kms',
      key: other.key,
      endpoint: other.server.url,
      credentials: other.credentials,
    }
    const moves = [
      { move: () => ask('/keyring/root', { to: 'file' }), flags: {}, provider: 'file' },
      {
        move: () => ask('/keyring/passphrase', Buffer.from(PASSPHRASE)),
        flags: { 'passphrase-file': file },
        provider: 'passphrase',
      },
      { move: () => ask('/keyring/root', kms), flags: other.flags, provider: 'aws-kms' },
      { move: () => ask('/keyring/root', { to: 'file' }), flags: {}, provider: 'file' },
    ]
    for (const { move, flags, provider } of moves) {
      await move()
      expect(await keyringStatus(server.data)).toMatchObject({ provider, isMoving: false })
      await opens(server)
      await verifyOffline(flags)
      await stop(server)
      server = await start(flags)
      await opens(server)
    }
  })

  it('survives a kill at any instant: one of the two opens it, and the databases are all under one then', async () => {
    const server = await start()
    const opens = await encrypted(server)
    const file = await passphraseFile()
    const copies = join(directory, 'copies')
    const { paths: instants } = await copyInstants(
      path,
      copies,
      () => ask('/keyring/passphrase', Buffer.from(PASSPHRASE)),
      { every: 1, isCounted: (each) => /keyring\.json|root\.key|\.sqlite/.test(each) },
    )
    await stop(server)
    expect(instants.length).toBeGreaterThan(8)
    const providers = new Set<string>()
    for (const instant of instants) {
      path = instant
      const { provider } = await keyringStatus(dataDirectory(instant))
      providers.add(provider)
      const again = await start(provider === 'file' ? {} : { 'passphrase-file': file })
      await opens(again)
      const { isMoving, stores } = await keyringStatus(again.data)
      expect(isMoving).toBe(false)
      expect(new Set(stores.flatMap(({ domainKeys }) => domainKeys.map(({ rootKey }) => rootKey))).size).toBe(1)
      await stop(again)
    }
    expect([...providers]).toEqual(['file', 'passphrase'])
  }, 120_000)
})

/** Waits until every former domain key is retired. */
async function renewed(server: Server): Promise<void> {
  for (;;) {
    const { stores } = await keyringStatus(server.data)
    const states = stores.flatMap(({ domainKeys }) => domainKeys.map(({ state }) => state))
    if (!states.includes('former')) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('Domain keys that are rotated while the server serves', () => {
  it('are new in every database, and the former ones are retired when nothing rests under them', async () => {
    const server = await start()
    const opens = await encrypted(server)
    await ask('/keyring/domain')
    await opens(server)
    const more = await encrypted(server)
    await renewed(server)
    const { stores } = (await ask('/keyring/verify')) as { stores: Awaited<ReturnType<typeof verifyKeyring>> }
    for (const { faults, versions } of stores) {
      expect(faults).toEqual([])
      expect(versions.map(({ version, retired, rows }) => [version, retired, rows > 0])).toEqual([
        [1, true, false],
        [2, false, true],
      ])
    }
    await stop(server)
    const again = await start()
    await opens(again)
    await more(again)
  })

  it('survive a kill at any instant, and are gone on with', async () => {
    const server = await start()
    const opens = await encrypted(server)
    const copies = join(directory, 'copies')
    // Each instant is as the one before it but for one write: every fourth is enough.
    const { paths: instants } = await copyInstants(
      path,
      copies,
      async () => {
        await ask('/keyring/domain')
        await renewed(server)
      },
      { every: 4, isCounted: (each) => /\.sqlite/.test(each) },
    )
    await stop(server)
    expect(instants.length).toBeGreaterThan(3)
    for (const instant of instants) {
      path = instant
      const again = await start()
      await opens(again)
      await renewed(again)
      await stop(again)
      await verifyOffline()
    }
  }, 180_000)
})
