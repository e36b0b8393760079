/**
 * `npm run bench [SECONDS]`: Encrypt, Decrypt and GenerateDataKey over HTTP with real signatures, side by side with
 * a bare `node:http` server that answers as many bytes, and with `moto_server` where it is installed.
 *
 * The sides take turns within each row. The client has a core of its own on a machine with two.
 */
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { load, type Load } from './http-load.ts'
import { ask, buildRequests, type Credentials } from './requests.ts'
import { startServerUnderTest, type ServerUnderTest } from './server-under-test.ts'

const CONNECTIONS = [1, 8, 64]
const TURNS = 2
const MAIN = new URL('../src/main.ts', import.meta.url).pathname
const BARE = new URL('bare-server.ts', import.meta.url).pathname
const READY = /is ready at (\S+) /

interface Operation {
  readonly name: string
  readonly inputOf: (index: number, key: Key) => object
}

interface Key {
  readonly id: string
  readonly ciphertexts: readonly string[]
}

const OPERATIONS: readonly Operation[] = [
  { name: 'Encrypt', inputOf: (index, { id }) => ({ KeyId: id, Plaintext: base64(index) }) },
  {
    name: 'Decrypt',
    inputOf: (index, { ciphertexts }) => ({ CiphertextBlob: ciphertexts[index % ciphertexts.length] }),
  },
  { name: 'GenerateDataKey', inputOf: (index, { id }) => ({ KeyId: id, NumberOfBytes: 32 + (index % 2) }) },
]

function base64(index: number): string {
  return Buffer.from(`a plaintext of 32 bytes, no. ${String(index).padStart(3, '0')}`).toString('base64')
}

async function makeKey(url: string, credentials: Credentials): Promise<Key> {
  const { KeyMetadata } = (await ask(url, credentials, 'CreateKey', {})) as unknown as {
    KeyMetadata: { KeyId: string }
  }
  const ciphertexts: string[] = []
  for (let index = 0; index < 50; index += 1) {
    const answer = await ask(url, credentials, 'Encrypt', { KeyId: KeyMetadata.KeyId, Plaintext: base64(index) })
    ciphertexts.push(answer['CiphertextBlob'] ?? '')
  }
  return { id: KeyMetadata.KeyId, ciphertexts }
}

interface Side {
  readonly name: string
  readonly server: ServerUnderTest
  readonly requests: readonly Buffer[]
}

interface Measured extends Load {
  readonly cpuMicroseconds: number
}

async function measure({ server, requests }: Side, connections: number, seconds: number): Promise<Measured> {
  const before = server.cpuSeconds()
  const result = await load(server.url, requests, connections, seconds)
  return { ...result, cpuMicroseconds: ((server.cpuSeconds() - before) / result.requests) * 1e6 }
}

/** The turn with the most requests a second: what disturbs a round only ever makes it slower. */
function best(turns: readonly Measured[]): Measured {
  const [first, ...others] = turns
  if (first === undefined) throw new Error('There was no turn.')
  return others.reduce((a, b) => (b.perSecond > a.perSecond ? b : a), first)
}

async function compare(operation: string, sides: readonly Side[], connections: number, seconds: number): Promise<void> {
  const measured = new Map<string, Measured[]>(sides.map(({ name }) => [name, []]))
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const side of sides) measured.get(side.name)?.push(await measure(side, connections, seconds))
  }
  const ours = best(measured.get('keyspan') ?? [])
  for (const { name } of sides) {
    const { perSecond, median, p99, cpuMicroseconds } = best(measured.get(name) ?? [])
    const cells = [
      operation.padEnd(15),
      String(connections).padStart(3),
      name.padEnd(9),
      perSecond.toFixed(0).padStart(7),
      median.toFixed(2).padStart(7),
      p99.toFixed(2).padStart(7),
      cpuMicroseconds.toFixed(0).padStart(7),
      (ours.perSecond / perSecond).toFixed(2).padStart(7),
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
}

function hasMoto(): boolean {
  try {
    execFileSync('moto_server', ['--help'], { stdio: 'ignore' })
    return true
  } catch {
    console.warn('moto_server is not installed: its rows are left out.')
    return false
  }
}

async function credentialsIn(data: string): Promise<Credentials> {
  const text = await readFile(join(data, 'aws', 'credentials'), 'utf8')
  const [, accessKeyId = '', secretAccessKey = ''] = /key_id = (.*)\n.*access_key = (.*)\n/.exec(text) ?? []
  return { accessKeyId, secretAccessKey }
}

/** From the start of the process to the first answer to a signed request, in milliseconds. */
async function timeToFirstAnswer(data: string): Promise<number> {
  const start = performance.now()
  await using server = await startServerUnderTest(
    process.execPath,
    [MAIN, 'serve', '--data', data, '--port', '0'],
    READY,
  )
  await ask(server.url, await credentialsIn(data), 'GenerateRandom', { NumberOfBytes: 32 })
  return performance.now() - start
}

const seconds = Number(process.argv[2] ?? 5)
const data = await mkdtemp(join(tmpdir(), 'keyspan-bench-'))
const first = await timeToFirstAnswer(data)
const starts = [await timeToFirstAnswer(data), await timeToFirstAnswer(data), await timeToFirstAnswer(data)]
console.log(
  `Start to first answer: ${first.toFixed(0)} ms with an empty data directory, then ` +
    `${Math.min(...starts).toFixed(0)} ms (best of ${starts.length}).`,
)
{
  await using keyspan = await startServerUnderTest(
    process.execPath,
    [MAIN, 'serve', '--data', data, '--port', '0'],
    READY,
  )
  await using moto = hasMoto()
    ? await startServerUnderTest('moto_server', ['-H', '127.0.0.1', '-p', '7799'], /Running on (\S+)/)
    : null
  const credentials = await credentialsIn(data)
  const key = await makeKey(keyspan.url, credentials)
  const motoKey = moto === null ? null : await makeKey(moto.url, credentials)
  console.log(`\n| operation       | conn | side      |   req/s | p50 ms | p99 ms | CPU us | keyspan/side |`)
  console.log('|---|--:|---|--:|--:|--:|--:|--:|')
  for (const { name, inputOf } of OPERATIONS) {
    const answer = JSON.stringify(await ask(keyspan.url, credentials, name, inputOf(0, key)))
    await using bare = await startServerUnderTest(process.execPath, [BARE, String(answer.length)], READY)
    const requestsFor = (url: string, of: Key) => buildRequests(url, credentials, name, (index) => inputOf(index, of))
    const requests = await requestsFor(keyspan.url, key)
    const sides: Side[] = [
      { name: 'keyspan', server: keyspan, requests },
      { name: 'node:http', server: bare, requests },
    ]
    if (moto !== null && motoKey !== null) {
      sides.push({ name: 'moto', server: moto, requests: await requestsFor(moto.url, motoKey) })
    }
    for (const connections of CONNECTIONS) await compare(name, sides, connections, seconds)
  }
  console.log(`\nMemory of keyspan after the load: ${keyspan.residentMegabytes().toFixed(0)} MB.`)
}
await rm(data, { recursive: true })
