/**
 * `npm run bench:refusals [SECONDS]`: what a flood of refused requests of a stranger takes beside as many that are
 * allowed, and what it does to the requests of another account. The sides take turns.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createAccount } from '../test/control.ts'
import { credentialsIn } from '../test/server.ts'
import { load, type Load } from './http-load.ts'
import { ask, buildRequests, type Credentials } from './requests.ts'
import { startServerUnderTest } from './server-under-test.ts'

const MAIN = new URL('../src/main.ts', import.meta.url).pathname
const GUEST = '444455556666'
const TURNS = 2
const CONNECTIONS = 8
/** In which what waits is explained and written: 1,000 refusals of an account, 80 a second. */
const SETTLE_MS = 13_000

const seconds = Number(process.argv[2] ?? 5)
const path = await mkdtemp(join(tmpdir(), 'keyspan-'))
const server = await startServerUnderTest(
  process.execPath,
  [MAIN, 'serve', '--data', path, '--port', '0'],
  /is ready at (\S+) /,
)
const { url } = server
await createAccount({ path }, GUEST)
const [owner, guest] = [await credentialsIn(path), await credentialsIn(path, GUEST)]
const [protectedKey, ownKey] = [await makeKey(owner), await makeKey(guest)]
const encrypts = (credentials: Credentials, KeyId: string) =>
  buildRequests(url, credentials, 'Encrypt', (index) => ({
    KeyId,
    Plaintext: Buffer.from(`a plaintext, no. ${index}`).toString('base64'),
    EncryptionContext: { purpose: 'a load of requests', number: String(index) },
  }))
const sides = [
  { name: 'allowed', requests: await encrypts(guest, ownKey), status: 200 },
  { name: 'refused', requests: await encrypts(guest, protectedKey), status: 400 },
]
const others = await encrypts(owner, protectedKey)
await load(url, others, CONNECTIONS, 1)
show('another account alone', await load(url, others, 1, seconds))
for (let turn = 0; turn < TURNS; turn += 1) {
  for (const { name, requests, status } of sides) {
    const before = server.cpuSeconds()
    const flood = await load(url, requests, CONNECTIONS, seconds, status)
    await setTimeout(SETTLE_MS)
    const cpu = ((server.cpuSeconds() - before) / flood.requests) * 1e6
    show(`${name}, ${CONNECTIONS} connections`, flood, `, ${cpu.toFixed(0)} us of processor time each, all told`)
    const [beside] = await Promise.all([
      load(url, others, 1, seconds),
      load(url, requests, CONNECTIONS, seconds, status),
    ])
    show(`another account beside ${name}`, beside)
    await setTimeout(SETTLE_MS)
  }
}
const { size } = await stat(join(path, 'refusals.sqlite'))
console.log(`refusals.sqlite ${(size / 2 ** 20).toFixed(1)} MB, server at most ${server.peakMegabytes().toFixed(0)} MB`)
await server[Symbol.asyncDispose]()
await rm(path, { recursive: true })

async function makeKey(credentials: Credentials): Promise<string> {
  const answer: unknown = await ask(url, credentials, 'CreateKey', {})
  return (answer as { KeyMetadata: { Arn: string } }).KeyMetadata.Arn
}

function show(what: string, { requests, perSecond, median, p99 }: Load, more = ''): void {
  const speed = `${requests} requests, ${perSecond.toFixed(0)}/s, ${median.toFixed(2)} ms, p99 ${p99.toFixed(1)} ms`
  console.log(`${what.padEnd(36)} ${speed}${more}`)
}
