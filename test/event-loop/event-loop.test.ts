import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MAIN } from '../program/program.ts'
import { createServerProcessIn, type ServerProcess } from '../server-process.ts'
import { signRequest, type SignedRequest } from '../signed-request.ts'
import type { Turns } from './watch-turns.ts'

const WATCH = new URL('watch-turns.ts', import.meta.url).href
/** Each key that was used has its last use written within two seconds. */
const KEYS = 1200
const LAST_USES_MS = 2000
const POLICY_BYTES = 32_768
const TARGETS = { kms: 'TrentService', cloudtrail: 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101' }
/** For how long each kind of request is sent: to have it compiled, and then to be measured. */
const WARM_MS = 150
const MEASURED_MS = 450

/**
 * How long a turn may be, thrice what is seen. Encrypting, the longest is 50 last uses and their commit; a thousand of
 * them in one turn are longer. With changes and listings it is a transaction, which SQLite makes in one piece: changes
 * of 5 ms and the one that was begun last, a long policy, and their commit.
 */
const BOUND_MS = { encrypting: 25, all: 60 }
/** And so long are few of those that take more than a millisecond. */
const LONG_MS = 10
const LONG_SHARE = 0.2

interface Key {
  readonly KeyId: string
  readonly AWSAccountId: string
}

/** Requests of one kind, and how many of them are under way. */
interface Load {
  readonly underWay: number
  readonly requests: readonly SignedRequest[]
}

const agent = new Agent({ keepAlive: true })
let sockets: string
let server: ServerProcess
let tail: ChildProcess
let encrypts: readonly SignedRequest[]
let loads: readonly Load[]

beforeAll(async () => {
  sockets = await mkdtemp(join(tmpdir(), 'keyspan-turns-'))
  server = await createServerProcessIn(tmpdir(), {
    KEYSPAN_TEST_TURNS: join(sockets, 'turns'),
    NODE_OPTIONS: `--import ${WATCH}`,
  })
  await server.start()
  const keys = await makeKeys()
  ;({ encrypts, loads } = await signAll(keys))
  tail = spawn(process.execPath, [MAIN, 'audit', 'tail', '--data', server.path, '--follow', '--since', '1h'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await askForAll(WARM_MS)
})
afterAll(async () => {
  tail.kill()
  agent.destroy()
  await server[Symbol.asyncDispose]()
  await rm(sockets, { recursive: true })
})

async function sign(operation: string, input: object, service: keyof typeof TARGETS = 'kms'): Promise<SignedRequest> {
  const target = `${TARGETS[service]}.${operation}`
  const credentials = await server.credentials()
  return signRequest({ url: server.url, credentials, service, target, body: JSON.stringify(input) })
}

/** Sends a request with less work than `fetch` makes of it: what a client takes of the machine, the server lacks. */
async function answerTo({ method, path, headers, body }: SignedRequest): Promise<unknown> {
  const asked = request(`${server.url}${path}`, {
    method,
    agent,
    headers: { ...headers, 'content-length': body.length },
  })
  asked.end(body)
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  const given = await text(answer)
  if (answer.statusCode !== 200) throw new Error(`${answer.statusCode}: ${given}`)
  return given === '' ? null : JSON.parse(given)
}

/** Sends requests one after the other, and again from the first, as long as it goes on. */
async function keepAsking(requests: readonly SignedRequest[], underWay: number, goesOn: () => boolean): Promise<void> {
  let asked = 0
  const one = async (): Promise<void> => {
    for (; goesOn(); asked += 1) await answerTo(requests[asked % requests.length] as SignedRequest)
  }
  await Promise.all(Array.from({ length: underWay }, one))
}

/** One kind after the other, and Encrypts beside them all the time. */
async function askForAll(ms: number): Promise<void> {
  let isOver = false
  const beside = keepAsking(encrypts, 8, () => !isOver)
  for (const { requests, underWay } of loads) await keepAsking(requests, underWay, until(ms))
  isOver = true
  await beside
}

function until(ms: number): () => boolean {
  const end = performance.now() + ms
  return () => performance.now() < end
}

async function makeKeys(): Promise<readonly Key[]> {
  const keys: Key[] = []
  const creation = await sign('CreateKey', {})
  let left = KEYS
  const make = async (): Promise<void> => {
    for (left -= 1; left >= 0; left -= 1) {
      keys.push(((await answerTo(creation)) as { KeyMetadata: Key }).KeyMetadata)
    }
  }
  await Promise.all(Array.from({ length: 32 }, make))
  return keys
}

async function signAll(keys: readonly Key[]): Promise<{ encrypts: readonly SignedRequest[]; loads: readonly Load[] }> {
  const keyAt = (index: number) => keys[index % keys.length]?.KeyId
  const many = (make: (index: number) => Promise<SignedRequest>, count = 20) =>
    Promise.all(Array.from({ length: count }, (_, index) => make(index)))
  const Plaintext = Buffer.from('plaintext').toString('base64')
  const encrypts = await many((index) => sign('Encrypt', { KeyId: keyAt(index), Plaintext }), KEYS)
  const { CiphertextBlob } = (await answerTo(encrypts[0] as SignedRequest)) as { CiphertextBlob: string }
  const account = keys[0]?.AWSAccountId ?? ''
  const grant = { GranteePrincipal: `arn:aws:iam::${account}:root`, Operations: ['Decrypt'] }
  const policy = { PolicyName: 'default', Policy: longPolicy(account) }
  return {
    encrypts,
    loads: [
      { underWay: 8, requests: await many(() => sign('CreateKey', {})) },
      {
        underWay: 8,
        requests: await many((index) => sign('CreateGrant', { KeyId: keyAt(index), ...grant })),
      },
      { underWay: 8, requests: await many(() => sign('ListKeys', { Limit: 1000 })) },
      {
        underWay: 8,
        requests: await many(() => sign('LookupEvents', { MaxResults: 50 }, 'cloudtrail')),
      },
      {
        underWay: 8,
        requests: await many((index) => sign('PutKeyPolicy', { KeyId: keyAt(index), ...policy })),
      },
      {
        underWay: 8,
        requests: await many((index) => sign('ReEncrypt', { CiphertextBlob, DestinationKeyId: keyAt(index) })),
      },
    ],
  }
}

/** A key policy of many statements, about as long as one may be. */
function longPolicy(account: string): string {
  const Principal = { AWS: `arn:aws:iam::${account}:root` }
  const Statement: object[] = [{ Effect: 'Allow', Principal, Action: 'kms:*', Resource: '*' }]
  for (let size = 200; size < POLICY_BYTES - 400;) {
    const Condition = { StringLike: { 'kms:EncryptionContext:tenant': `tenant-${Statement.length}-*` } }
    Statement.push({ Effect: 'Allow', Principal, Action: 'kms:Decrypt', Resource: '*', Condition })
    size += JSON.stringify(Statement.at(-1)).length + 1
  }
  return JSON.stringify({ Version: '2012-10-17', Statement })
}

/**
 * The turns of the event loop while work is done, the longest first: how long the main thread worked in each, in
 * milliseconds of a machine that has nothing else to do.
 */
async function turnsWhile(work: () => Promise<void>): Promise<readonly number[]> {
  await turnsSoFar()
  await work()
  const { long, known } = await turnsSoFar()
  const middle = known.toSorted((a, b) => a - b)[Math.floor(known.length / 2)] ?? 1
  const turns = long.map((ms) => ms / Math.max(1, middle)).toSorted((a, b) => b - a)
  const longest = turns.slice(0, 10).map((ms) => ms.toFixed(1))
  console.log(`Of ${turns.length} turns of more than 1 ms the longest took ${longest.join(', ')} ms.`)
  return turns
}

async function turnsSoFar(): Promise<Turns> {
  return JSON.parse(await text(connect(join(sockets, 'turns')))) as Turns
}

describe('The event loop', () => {
  it('is not held by the last uses of hundreds of keys', async () => {
    const turns = await turnsWhile(() => keepAsking(encrypts, 16, until(LAST_USES_MS + 500)))
    expect(turns[0]).toBeLessThan(BOUND_MS.encrypting)
  })

  it('is held for long by nothing that is asked for', async () => {
    const turns = await turnsWhile(() => askForAll(MEASURED_MS))
    expect(turns[0]).toBeLessThan(BOUND_MS.all)
    const long = turns.filter((ms) => ms > LONG_MS)
    expect(long.length / turns.length).toBeLessThan(LONG_SHARE)
  })
})
