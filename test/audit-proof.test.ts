import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CreateKeyCommand, EncryptCommand, ReplicateKeyCommand } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditLog } from './audit-log.ts'
import { kmsClient, untilState } from './clients/kms-client.ts'
import { exampleFile } from './examples/companions.ts'
import { MAIN } from './program/program.ts'
import { AWAY, HOME, startTestServer, type TestServer } from './server.ts'

/** More than a tile of the tree. */
const CALLS = 300

let server: TestServer
let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keyspan-'))
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  const home = await kmsClient(server, HOME)
  const { KeyMetadata } = await home.send(new CreateKeyCommand({ MultiRegion: true }))
  const KeyId = KeyMetadata?.KeyId ?? ''
  await home.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
  await untilState(await kmsClient(server, AWAY), KeyId, 'Enabled')
  const encrypt = () => home.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }))
  await Promise.all(Array.from({ length: CALLS }, encrypt))
  await server.stop()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

const run = promisify(execFile)
const keyspan = async (...args: readonly string[]) => (await run(process.execPath, [MAIN, 'audit', ...args])).stdout
const python = (...args: readonly string[]) => run('python3', [exampleFile('audit-proof/verify.py'), ...args])

/** A proof of one record of the home Region, and the keys of the log and of its witness. */
async function prove(line: string): Promise<{ file: string; keys: readonly string[] }> {
  const { eventID } = JSON.parse(line) as { eventID: string }
  const proof = await keyspan('prove', eventID, '--data', server.path)
  const { key, witnesses } = JSON.parse(await keyspan('prove', eventID, '--data', server.path, '--output', 'json'))
  const file = join(directory, `${eventID}.tlog-proof`)
  await writeFile(file, proof)
  return { file, keys: [key, ...witnesses] }
}

describe('A proof of a record', () => {
  it('is checked by a program in another language, for records anywhere in the log', async () => {
    const lines = (await auditLog(server, HOME)).split('\n').slice(0, -1)
    expect(lines.length).toBeGreaterThan(CALLS)
    for (const index of [0, 255, 256, lines.length - 1]) {
      const { file, keys } = await prove(lines[index] ?? '')
      expect(keys).toHaveLength(2)
      expect((await python(file, ...keys)).stdout).toBe(`${lines[index]}\n`)
    }
  })

  it('proves nothing once the record, the root or a signature was changed, or by another key', async () => {
    const lines = (await auditLog(server, HOME)).split('\n')
    const { file, keys } = await prove(lines[7] ?? '')
    const other = keys.map((key) => key.replace(/.{6}$/, 'AAAAA='))
    await expect(python(file, ...other)).rejects.toThrow(/is no key/)
    await expect(python(file, ...keys.toReversed())).rejects.toThrow(/Give the key of the log/)
    const good = await readFile(file, 'utf8')
    const forged = Buffer.from((lines[7] ?? '').replace('root', 'toor')).toString('base64')
    const changes = [
      [good.replace(/extra .*/, `extra ${forged}`), /not in the log/],
      [good.replace('index 7', 'index 8'), /not in the log/],
      [good.replace(/state (\S+) \d+/, 'state $1 1'), /has not signed this/],
      [good.replace(/— (\S+witness) \S+\n/, ''), /witness has not signed this/],
    ] as const
    for (const [text, message] of changes) {
      expect(text).not.toBe(good)
      await writeFile(file, text)
      await expect(python(file, ...keys)).rejects.toThrow(message)
    }
  })

  it('is refused for an event that there is not', async () => {
    await expect(keyspan('prove', 'none', '--data', server.path)).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('has an event "none"'),
    })
  })
})

describe('An export', () => {
  it('is checked anywhere, without a secret, and tells what was changed in it', async () => {
    const target = join(directory, 'export')
    await keyspan('export', target, '--data', server.path)
    expect(await keyspan('verify', target)).toContain('All is as it was.')
    await expect(keyspan('export', target, '--data', server.path)).rejects.toThrow(/is not empty/)
    // The tiles lie where C2SP has them.
    const tile = join(target, HOME, 'tile', '0', '000')
    expect(await readFile(tile)).toHaveLength(256 * 32)
    const [day = ''] = (await auditLog(server, HOME)).match(/\d{4}-\d\d-\d\d/) ?? []
    const log = join(target, HOME, 'log', `${day}.jsonl`)
    const text = await readFile(log, 'utf8')
    await writeFile(log, text.replace('"Encrypt"', '"Decrypt"'))
    await expect(keyspan('verify', target)).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/NOT AS IT WAS: Line \d+ of .* was changed/),
    })
    await writeFile(log, text)
    await writeFile(tile, Buffer.alloc(256 * 32))
    await expect(keyspan('verify', target)).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining('damaged'),
    })
  })

  it('is needed whole', async () => {
    await expect(keyspan('verify', join(directory, 'nothing'))).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('holds no whole export'),
    })
  })
})
