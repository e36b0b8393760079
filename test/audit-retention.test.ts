import { setTimeout as sleep } from 'node:timers/promises'
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CreateKeyCommand, EncryptCommand, type KMSClient } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { by, cloudTrailClient, type LookedUpEvent } from './clients/cloudtrail-client.ts'
import { kmsClient } from './clients/kms-client.ts'
import { advanceClock, askControl } from './control.ts'
import { mountSmallDisk } from './crash/small-disk.ts'
import { MAIN } from './program/program.ts'
import { createServerProcessIn } from './server-process.ts'
import { AWAY, HOME, startTestServer, type TestServer } from './server.ts'

const CALLS = 300

let server: TestServer
let root: string
let client: KMSClient
let keyId: string
/** The days of which there are records, the oldest first. */
let days: readonly string[]

const run = promisify(execFile)
const audit = async (...args: readonly string[]): Promise<string> =>
  (await run(process.execPath, [MAIN, 'audit', ...args])).stdout
const keyspan = (command: string, ...args: readonly string[]) => audit(command, ...args, '--data', server.path)
const files = async (data = server.path): Promise<readonly string[]> =>
  (await readdir(join(data, 'audit', HOME))).toSorted()
const encrypt = () => client.send(new EncryptCommand({ KeyId: keyId, Plaintext: Buffer.from('x') }))
/** A copy of the data, to be changed: sockets cannot be copied. */
async function copyData(name: string): Promise<string> {
  await cp(server.path, join(root, name), { recursive: true, filter: (path) => !path.endsWith('.sock') })
  return join(root, name)
}
const encrypted = async (count: number): Promise<readonly LookedUpEvent[]> =>
  (await cloudTrailClient(server, HOME)).until(count, by('EventName', 'Encrypt'))
const dayOf = (file: string | undefined) => file?.slice(0, 10) ?? ''

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'keyspan-'))
  server = await startTestServer({ regions: `${HOME},${AWAY}`, dev: true })
  client = await kmsClient(server, HOME)
  const { KeyMetadata } = await client.send(new CreateKeyCommand({}))
  keyId = KeyMetadata?.KeyId ?? ''
  for (const advance of ['3d', '3d', null]) {
    await Promise.all(Array.from({ length: CALLS }, encrypt))
    // A file is left when all of it is synced.
    await sleep(500)
    if (advance !== null) await advanceClock(server, advance)
  }
  days = (await files()).map(dayOf)
}, 60_000)
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await rm(root, { recursive: true })
})

describe('The audit log', () => {
  it('is compressed where its days are over, and is read, found and proved as before', async () => {
    expect(await encrypted(3 * CALLS)).toHaveLength(3 * CALLS)
    const before = await keyspan('tail', '--lines', '1000')
    expect(await keyspan('prune')).toMatch(/2026-\S+jsonl: compressed from \S+ KiB to \S+ KiB/)
    expect(await files()).toEqual([`${days[0]}.jsonl.zst`, `${days[1]}.jsonl.zst`, `${days[2]}.jsonl`])
    expect(await keyspan('tail', '--lines', '1000')).toBe(before)
    const events = await encrypted(3 * CALLS)
    expect(events).toHaveLength(3 * CALLS)
    const oldest = events.at(-1)?.EventId ?? ''
    expect(await keyspan('prove', oldest)).toContain('c2sp.org/tlog-proof@v1')
    expect(await keyspan('verify')).toContain('All is as it was.')
  })

  it('is indexed anew from what is compressed', async () => {
    await server.stop()
    await rm(join(server.path, 'audit-index'), { recursive: true })
    await server.restart()
    expect(await encrypted(3 * CALLS)).toHaveLength(3 * CALLS)
  })

  it('of which a byte of a compressed file was changed is found to be so, and what is around it is told', async () => {
    const copy = await copyData('changed')
    const path = join(copy, 'audit', HOME, `${days[1]}.jsonl.zst`)
    const bytes = await readFile(path)
    bytes[5000] = (bytes[5000] ?? 0) ^ 1
    await writeFile(path, bytes)
    const verified = audit('verify', '--data', copy, '--output', 'json')
    await expect(verified).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining(`${path} is damaged`) })
    await writeFile(path, bytes.subarray(0, -1))
    const torn = audit('verify', '--data', copy)
    await expect(torn).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/no table[^]*records are missing/),
    })
  })

  it('is backed up and restored as it stands', async () => {
    const [backup, restored] = [join(root, 'backup'), join(root, 'restored')]
    await run(process.execPath, [MAIN, 'backup', backup, '--data', server.path])
    const rootKey = ['--root-key', join(server.path, 'root.key')]
    await run(process.execPath, [MAIN, 'restore', backup, '--yes', '--data', restored, ...rootKey])
    expect(await files(restored)).toEqual(await files())
    expect(await audit('verify', '--data', restored, ...rootKey)).toContain('All is as it was.')
  })

  it('from which old days were deleted says so, is good, and proves the rest', async () => {
    const all = await encrypted(3 * CALLS)
    const gone = all.at(-1)?.EventId ?? ''
    const second = all.at(CALLS + 10)?.EventId ?? ''
    expect(await keyspan('prune', '--before', days[1] ?? '')).toContain('records were deleted; it begins in')
    expect(await files()).toEqual([`${days[1]}.jsonl.zst`, `${days[2]}.jsonl`])
    expect(await keyspan('verify')).toMatch(/its first 301 records were deleted when they were due[^]*All is as it was/)
    expect((await encrypted(2 * CALLS)).length).toBe(2 * CALLS)
    expect(await keyspan('prove', second)).toContain('c2sp.org/tlog-proof@v1')
    await expect(keyspan('prove', gone)).rejects.toThrow(/No audit log/)
    await server.restart()
    expect(await encrypted(2 * CALLS)).toHaveLength(2 * CALLS)
    expect(await keyspan('verify')).toContain('All is as it was.')
    const evidence = join(root, 'evidence')
    await keyspan('export', evidence)
    expect(await audit('verify', evidence)).toContain('All is as it was.')
  })

  it('from which somebody else has taken days is found to be so', async () => {
    await server.stop()
    const copy = await copyData('robbed')
    await server.restart()
    await rm(join(copy, 'audit', HOME, `${days[1]}.jsonl.zst`))
    const verified = audit('verify', '--data', copy)
    await expect(verified).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining('300 records are missing'),
    })
  })

  it('loses no day to a command that names none', async () => {
    const before = await files()
    for (const day of ['yesterday', '2026-13-01', ''])
      await expect(keyspan('prune', '--before', day)).rejects.toMatchObject({
        stderr: expect.stringContaining('is no day'),
      })
    await expect(askControl(server, '/audit/prune', { before: 'x' })).rejects.toThrow(/date/)
    expect(await files()).toEqual(before)
  })

  it('keeps the file that is written to, whatever is asked for', async () => {
    await keyspan('prune', '--before', '2999-01-01')
    expect(await files()).toEqual([`${days[2]}.jsonl`])
    client = await kmsClient(server, HOME)
    await encrypt()
    expect(await encrypted(CALLS + 1)).toHaveLength(CALLS + 1)
    expect(await keyspan('verify')).toContain('All is as it was.')
  })
})

describe('A full disk', () => {
  it('has room again once old records are deleted', async ({ skip }) => {
    await using disk = await mountSmallDisk(40)
    if (disk === null) return skip()
    const flags = ['--regions', HOME, '--dev']
    await using small = await createServerProcessIn(disk.path, { KEYSPAN_LOG: 'silent' }, ...flags)
    await small.start()
    const kms = await kmsClient(small as unknown as TestServer, HOME)
    const KeyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? ''
    for (const advance of ['1d', '1d', null]) {
      await Promise.all(
        Array.from({ length: CALLS }, () => kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }))),
      )
      if (advance !== null) await advanceClock(small, advance)
    }
    const [first = '', second = '', third = ''] = await files(small.path)
    // From then on there is a reserve.
    await askControl(small, '/audit/prune', { before: null })
    await vi.waitFor(async () => {
      expect(await readFile(join(small.path, 'trees', HOME, 'checkpoint'), 'utf8')).toContain(third)
    }, 10_000)
    disk.fill()
    expect(await askControl(small, '/audit/prune', { before: dayOf(third) })).toMatchObject({
      failed: [],
      deleted: [{ place: HOME, before: third }],
    })
    const left = (await files(small.path)).map(dayOf)
    expect(left).not.toContain(dayOf(first))
    expect(left).not.toContain(dayOf(second))
    expect(await audit('verify', '--data', small.path)).toContain('All is as it was.')
  }, 60_000)
})
