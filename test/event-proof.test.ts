import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CreateUserCommand } from '@aws-sdk/client-iam'
import { CreateKeyCommand, EncryptCommand, ReplicateKeyCommand } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startKeyspan } from '../src/testing/index.ts'
import { auditLog } from './audit-log.ts'
import { iamClient } from './clients/iam-client.ts'
import { kmsClient, untilState } from './clients/kms-client.ts'
import { policyOf, principalsOf, type TestPrincipal } from './clients/principals.ts'
import { createAccount } from './control.ts'
import { exampleFile } from './examples/companions.ts'
import { AWAY, HOME, startTestServer, type TestServer } from './server.ts'
import { send, signRequest } from './signed-request.ts'

const GUEST = '444455556666'
/** More than a tile of the tree. */
const CALLS = 300

let server: TestServer
let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keyspan-'))
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  await createAccount(server, GUEST)
  const home = await kmsClient(server, HOME)
  const { KeyMetadata } = await home.send(new CreateKeyCommand({ MultiRegion: true }))
  const KeyId = KeyMetadata?.KeyId ?? ''
  await home.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
  await untilState(await kmsClient(server, AWAY), KeyId, 'Enabled')
  const encrypt = () => home.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }))
  await Promise.all(Array.from({ length: CALLS }, encrypt))
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

type Answer = Readonly<Record<string, any>> // oxlint-disable-line typescript/no-explicit-any -- what the wire says

async function ask(path: string, input: object, as: string | TestPrincipal | null = null, region = HOME) {
  const credentials = typeof as === 'object' && as !== null ? as.credentials : await server.credentials(as ?? undefined)
  const plan = { url: server.url, credentials, region, service: 'keyspan', path, body: JSON.stringify(input) }
  const { status, text } = await send(server.url, await signRequest(plan))
  return { status, answer: JSON.parse(text) as Answer }
}

/** The proof of an event, once a checkpoint covers it. */
async function proofOf(EventId: string, region = HOME): Promise<Answer> {
  await expect.poll(async () => (await ask('/prove-event', { EventId }, null, region)).answer['Covered']).toBe(true)
  return (await ask('/prove-event', { EventId }, null, region)).answer
}

const linesOf = async (place: string) => (await auditLog(server, place)).split('\n').slice(0, -1)
const idOf = (line: string | undefined) => (JSON.parse(line ?? '{}') as { eventID: string }).eventID
const run = promisify(execFile)

async function check(proof: Answer): Promise<string> {
  const file = join(directory, 'record.tlog-proof')
  await writeFile(file, proof['Proof'])
  const keys = [proof['Key'], ...proof['WitnessKeys']]
  return (await run('python3', [exampleFile('audit-proof/verify.py'), file, ...keys])).stdout
}

describe('POST /prove-event', () => {
  it('proves events anywhere in a log that goes on, to a program in another language', async () => {
    const lines = await linesOf(HOME)
    expect(lines.length).toBeGreaterThan(CALLS)
    for (const index of [0, 255, 256, CALLS]) {
      const proof = await proofOf(idOf(lines[index]))
      expect(proof).toMatchObject({ Place: HOME, Index: index, Record: lines[index] })
      // The other Region vouches for it a moment later.
      const checked = async () => check(await proofOf(idOf(lines[index]))).catch(() => '')
      await expect.poll(checked).toBe(`${lines[index]}\n`)
    }
  })

  it('proves what belongs to no Region where it is looked up', async () => {
    await (await iamClient(server)).send(new CreateUserCommand({ UserName: 'Grace' }))
    const line = (await linesOf('global')).find((each) => each.includes('"CreateUser"'))
    const proof = await proofOf(idOf(line))
    expect(proof).toMatchObject({ Place: 'global', Record: line })
    expect((await ask('/prove-event', { EventId: idOf(line) }, null, AWAY)).status).toBe(404)
  })

  it('tells no account of the events of another, and nobody without the permission', async () => {
    const EventId = idOf((await linesOf(HOME))[0])
    const guest = await ask('/prove-event', { EventId }, GUEST)
    expect(guest).toMatchObject({ status: 404, answer: { message: expect.stringContaining('LookupEvents') } })
    const owner = await principalsOf(server, HOME)
    const nobody = await owner.user(policyOf({ Effect: 'Allow', Action: 'kms:*', Resource: '*' }))
    expect((await ask('/prove-event', { EventId }, nobody)).status).toBe(403)
    expect((await ask('/audit-log', {}, nobody)).status).toBe(403)
    expect((await ask('/prove-event', { EventId: '../../global' })).status).toBe(400)
  })
})

describe('POST /audit-log', () => {
  it('says how far a log is signed, and who vouches for that', async () => {
    await proofOf(idOf((await linesOf(HOME)).at(-1)))
    const { answer } = await ask('/audit-log', {})
    expect(answer['Logs'].map(({ Place }: Answer) => Place)).toEqual([HOME, 'global'])
    const [log] = answer['Logs'] as Answer[]
    expect(log?.['Checkpoint'].Records).toBeGreaterThan(CALLS)
    expect(log?.['Checkpoint'].Text).toContain(`/${HOME}\n${log?.['Checkpoint'].Records}\n`)
    expect(log?.['Witnesses']).toMatchObject([{ Place: AWAY, Key: expect.stringContaining('/witness+') }])
    expect(log?.['Witnesses'][0].Records).toBeGreaterThan(0)
  })

  it('has nothing where nothing is kept', async () => {
    await using brief = await startKeyspan()
    const [account] = brief.accounts
    const credentials = account?.credentials ?? { accessKeyId: '', secretAccessKey: '' }
    const plan = { url: brief.url, credentials, service: 'keyspan', path: '/audit-log' }
    const { text } = await send(brief.url, await signRequest(plan))
    expect(JSON.parse(text)).toEqual({ Logs: [] })
  })
})
