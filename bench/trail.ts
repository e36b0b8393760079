/**
 * `npm run bench:trail [RECORDS] [SECONDS]`: what LookupEvents takes over a day of a thousand and of a million records,
 * what their index takes to be made and on disk, the same once the day is compressed; and what keeping the index, and
 * keeping records at all, does to Encrypt: with and without, by turns.
 */
import { createWriteStream } from 'node:fs'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { compressLogFile } from '../src/storage/audit/compress.ts'
import { listLog } from '../src/storage/audit/files.ts'
import { createEventIndex } from '../src/storage/event-index/event-index.ts'
import type { Attribute } from '../src/storage/event-index/event.ts'
import { credentialsIn } from '../test/server.ts'
import { load } from './http-load.ts'
import { buildRequests, createKey } from './requests.ts'
import { startServerUnderTest } from './server-under-test.ts'

const MAIN = new URL('../src/main.ts', import.meta.url).pathname
const NO_THREADS = new URL('no-threads.ts', import.meta.url).href
const NO_RECORDS = new URL('no-records.ts', import.meta.url).href
const ACCOUNT = '111122223333'
const REGION = 'us-east-1'
const DAY = '2026-11-25'
const KEYS = 1000
/** A file is followed by the next one at 256 MiB. */
const RECORDS_IN_FILE = 170_000
const LOOKUPS = 20
const TURNS = 4
const CONNECTIONS = 8

const [most = 1_000_000, seconds = 5] = process.argv.slice(2).map(Number)
for (const count of [1000, most]) await measureDay(count)
await measureEncrypt('index', NO_THREADS)
await measureEncrypt('records', NO_RECORDS)

function recordOf(index: number, count: number): string {
  const arn = `arn:aws:kms:${REGION}:${ACCOUNT}:key/${String(index % KEYS).padStart(8, '0')}-1234-1234-1234-123456789012`
  const time = new Date(Date.parse(`${DAY}T00:00:00Z`) + Math.floor((index / count) * 86_399) * 1000)
  return JSON.stringify({
    eventVersion: '1.11',
    userIdentity: {
      type: 'IAMUser',
      principalId: 'AIDACKCEVSQ6C2EXAMPLE',
      userName: `user-${index % 50}`,
      arn: `arn:aws:iam::${ACCOUNT}:user/user-${index % 50}`,
      accountId: ACCOUNT,
      accessKeyId: `AKIAIOSFODNN${String(index % 50).padStart(8, '0')}`,
    },
    eventTime: time.toISOString().replace('.000', ''),
    eventSource: 'kms.amazonaws.com',
    eventName: index % 10_000 === 0 ? 'CreateKey' : index % 3 === 0 ? 'Decrypt' : 'Encrypt',
    awsRegion: REGION,
    sourceIPAddress: '127.0.0.1',
    userAgent: 'aws-sdk-js/3.1164.0 ua/2.1 os/linux lang/js md/nodejs#26.10.0 api/kms#3.1164.0 m/E,N,n',
    requestParameters: {
      keyId: arn,
      encryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      encryptionContext: { purpose: 'a day' },
    },
    responseElements: null,
    requestID: randomUUID(),
    eventID: index === 0 ? '00000000-0000-0000-0000-000000000000' : randomUUID(),
    readOnly: index % 10_000 !== 0,
    resources: [{ accountId: ACCOUNT, type: 'AWS::KMS::Key', ARN: arn }],
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: ACCOUNT,
    eventCategory: 'Management',
  })
}

/** Writes a day's log, a file for each hour that is needed, and gives the last one. */
async function writeDay(directory: string, count: number): Promise<string> {
  let name = `${DAY}.jsonl`
  for (let index = 0, hour = 1; index < count; hour += 1) {
    if (index > 0) name = `${DAY}T${String(hour).padStart(2, '0')}0000Z.jsonl`
    const file = createWriteStream(join(directory, name))
    const end = Math.min(count, index + RECORDS_IN_FILE)
    for (; index < end; index += 1) if (!file.write(`${recordOf(index, count)}\n`)) await once(file, 'drain')
    await new Promise<void>((resolve) => file.end(resolve))
  }
  return name
}

async function measureDay(count: number): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'keyspan-'))
  const file = await writeDay(root, count)
  const place = { file, offset: (await stat(join(root, file))).size }
  const log = { name: REGION, directory: root, index: join(root, 'index'), place }
  const index = createEventIndex((error) => {
    throw error
  })
  const before = process.memoryUsage().rss
  const [begun, cpu] = [performance.now(), process.cpuUsage()]
  const find = (attribute: readonly [Attribute, string] | null, limit = 50) => {
    const filter = { account: ACCOUNT, region: REGION, attribute }
    const query = { sources: [{ log: REGION, filter }], oldest: 0, newest: 2 ** 32 - 1, limit, after: null }
    return index.find([log], '2026-11-25', query, '2026-11-25')
  }
  index.follow([log], '2026-11-25')
  for (;;) if ((await find(null, 1).catch(() => null)) !== null) break
  const took = performance.now() - begun
  const { user, system } = process.cpuUsage(cpu)
  const megabytes = (process.memoryUsage().rss - before) / 2 ** 20
  console.log(
    `${count} records: indexed in ${(took / 1000).toFixed(1)} s, ${((user + system) / count).toFixed(1)} us of processor ` +
      `time each; ${megabytes.toFixed(0)} MB of memory, thread and all`,
  )
  const names = await readdir(log.index)
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(log.index, name))).size))
  const logSizes = await Promise.all(
    (await readdir(root)).filter((n) => n.endsWith('.jsonl')).map(async (n) => (await stat(join(root, n))).size),
  )
  const sum = (all: readonly number[]) => all.reduce((total, size) => total + size, 0)
  console.log(
    `  on disk ${(sum(sizes) / count).toFixed(0)} bytes a record, of ${(sum(logSizes) / count).toFixed(0)} in the log; ${sizes.length} segments`,
  )
  const key = `arn:aws:kms:${REGION}:${ACCOUNT}:key/00000007-1234-1234-1234-123456789012`
  const asked: readonly (readonly [Attribute, string] | null)[] = [
    null,
    ['EventId', '00000000-0000-0000-0000-000000000000'],
    ['ResourceName', key],
    ['EventName', 'CreateKey'],
    ['Username', 'nobody'],
  ]
  await measureLookups(asked, find)
  const compressing = performance.now()
  let [written, compressed] = [0, 0]
  for (const name of await listLog(root)) {
    const { before: bytes, after } = await compressLogFile(join(root, name))
    written += bytes
    compressed += after
  }
  const seconds = (performance.now() - compressing) / 1000
  console.log(
    `  compressed to ${(compressed / count).toFixed(0)} bytes a record in ${seconds.toFixed(1)} s, read again and compared: ` +
      `${(written / 1e6 / seconds).toFixed(0)} MB a second`,
  )
  await measureLookups(asked, find)
  await index.stop()
  await rm(root, { recursive: true })
}

async function measureLookups<Asked extends readonly [Attribute, string] | null>(
  asked: readonly Asked[],
  find: (attribute: Asked) => Promise<{ readonly records: readonly string[] }>,
): Promise<void> {
  for (const attribute of asked) {
    const times: number[] = []
    let found = 0
    for (let turn = 0; turn < LOOKUPS; turn += 1) {
      const start = performance.now()
      found = (await find(attribute)).records.length
      times.push(performance.now() - start)
    }
    const sorted = times.toSorted((one, other) => one - other)
    const what = attribute === null ? 'all' : `${attribute[0]} ${attribute[1].slice(0, 12)}`
    console.log(
      `  ${what.padEnd(28)} ${String(found).padStart(2)} events, ${sorted[LOOKUPS / 2]?.toFixed(2)} ms, at most ${sorted.at(-1)?.toFixed(2)} ms`,
    )
  }
}

/** Measures Encrypt with everything, and without what a module takes away, by turns. */
async function measureEncrypt(what: string, takenAway: string): Promise<void> {
  const rates = { with: [] as number[], without: [] as number[] }
  const costs = { with: [] as number[], without: [] as number[] }
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const side of turn % 2 === 0 ? (['with', 'without'] as const) : (['without', 'with'] as const)) {
      const { perSecond, cost, text } = await encrypt(side === 'without' ? ['--import', takenAway] : [])
      rates[side].push(perSecond)
      costs[side].push(cost)
      console.log(`Encrypt ${side.padEnd(7)} ${what} ${text}`)
    }
  }
  const mean = (all: readonly number[]) => all.reduce((total, each) => total + each, 0) / all.length
  console.log(
    `Encrypt with ${what}, of without: ${(mean(rates.with) / mean(rates.without)).toFixed(2)} of the requests a second, ${(mean(costs.with) / mean(costs.without)).toFixed(2)} of the processor time`,
  )
}

async function encrypt(before: readonly string[]) {
  const path = await mkdtemp(join(tmpdir(), 'keyspan-'))
  const server = await startServerUnderTest(
    process.execPath,
    [...before, MAIN, 'serve', '--data', path, '--port', '0'],
    /is ready at (\S+) /,
  )
  const credentials = await credentialsIn(path)
  const KeyId = await createKey({ url: server.url, credentials })
  const Plaintext = Buffer.from('a plaintext').toString('base64')
  const requests = await buildRequests(server.url, credentials, 'Encrypt', () => ({ KeyId, Plaintext }))
  // The index is begun some seconds after the start.
  await setTimeout(6000)
  await load(server.url, requests, CONNECTIONS, 1)
  const cpu = server.cpuSeconds()
  const { perSecond, p99, requests: count } = await load(server.url, requests, CONNECTIONS, seconds)
  // What is left to be indexed is.
  await setTimeout(2000)
  const cost = ((server.cpuSeconds() - cpu) / count) * 1e6
  const text = `${perSecond.toFixed(0)}/s, p99 ${p99.toFixed(1)} ms, ${cost.toFixed(0)} us of processor time each, ${server.peakMegabytes().toFixed(0)} MB`
  await server[Symbol.asyncDispose]()
  await rm(path, { recursive: true })
  return { perSecond, cost, text }
}
