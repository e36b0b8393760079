/** What a mode or a neighbour costs: strict records, HTTPS, writers, and what a signature costs beside a bare one. */
import { execFileSync } from 'node:child_process'
import { constants, generateKeyPairSync, sign } from 'node:crypto'
import { join } from 'node:path'
import { load } from '../http-load.ts'
import { buildRequests, createKey } from '../requests.ts'
import { plaintext } from './requests.ts'
import { table, whole, type Plan, type Section } from './section.ts'
import { newData, startKeyspan, type Keyspan } from './servers.ts'
import { compare, type Measured } from './sides.ts'
import { median } from './starts.ts'

/** How long bare signatures are measured in each turn, in microseconds of processor time. */
const BARE_US = 1_000_000
/** How many are made between two looks at the clock, which costs as much as some of them. */
const BETWEEN = 100
const METRICS_PORT = 7798
/** At how many connections strict records are set beside others, and the share that was aimed at. */
const STRICT = [
  [64, 0.85],
  [8, 0.6],
  [1, 0.5],
] as const
const MESSAGE = Buffer.from(plaintext(0), 'base64')

/** A row of the table, and what its ratio was to be, at least, where it was aimed at. */
interface Row {
  readonly cells: readonly [what: string, connections: string, own: string, other: string, ratio: string]
  readonly aim?: string
  readonly cpu?: string
}

export async function modesSection(plan: Plan): Promise<Section> {
  const rows: readonly Row[] = [
    ...(await strict(plan)),
    await https(plan),
    ...(await besideWriters(plan)),
    await lateTurns(plan),
    await signature(plan, 'RSA_2048', 'RSASSA_PSS_SHA_256'),
    await signature(plan, 'ECC_NIST_P256', 'ECDSA_SHA_256'),
  ]
  return {
    title: 'Modes and neighbours',
    text: table(
      ['what', 'connections', 'this', 'against', 'ratio'],
      rows.map(({ cells }) => cells),
    ),
    charts: new Map(),
    reach: rows.flatMap(({ cells: [what, connections, , , figure], aim, cpu }) =>
      aim === undefined ? [] : [{ what: `${what}, at ${connections}`, figure, aim, cpu: cpu ?? '' }],
    ),
  }
}

function requestsWith({ url, credentials }: Keyspan, KeyId: string): Promise<readonly Buffer[]> {
  return buildRequests(url, credentials, 'Encrypt', (index) => ({ KeyId, Plaintext: plaintext(index) }))
}

async function encrypting(server: Keyspan): Promise<readonly Buffer[]> {
  return requestsWith(server, await createKey(server))
}

/** Two sides, in requests a second. */
function rowOf(what: string, connections: number, [own, other]: readonly Measured[], aim: number): Row {
  const [ours, theirs] = [own?.perSecond ?? Number.NaN, other?.perSecond ?? Number.NaN]
  return {
    cells: [what, String(connections), `${whole(ours)} req/s`, `${whole(theirs)} req/s`, (ours / theirs).toFixed(2)],
    aim: `at least ${aim.toFixed(2)}`,
    cpu: own?.cpuMicroseconds.toFixed(0) ?? '',
  }
}

async function strict(plan: Plan): Promise<readonly Row[]> {
  await using data = await newData()
  await using other = await newData()
  await using normal = await startKeyspan(data.path)
  await using synced = await startKeyspan(other.path, '--audit', 'strict')
  const rows: Row[] = []
  for (const [connections, aim] of STRICT) {
    const sides = [
      { name: 'strict', server: synced, requests: await encrypting(synced) },
      { name: 'normal', server: normal, requests: await encrypting(normal) },
    ]
    rows.push(rowOf('strict records against normal', connections, await compare(sides, connections, plan), aim))
  }
  return rows
}

async function https(plan: Plan): Promise<Row> {
  await using data = await newData()
  await using other = await newData()
  const [cert, key] = ['cert.pem', 'key.pem'].map((name) => join(other.path, name)) as [string, string]
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  const named = ['-subj', '/CN=localhost', '-keyout', key, '-out', cert]
  execFileSync('openssl', [...request, ...named], { stdio: 'ignore' })
  await using plain = await startKeyspan(data.path)
  const path = join(other.path, 'data')
  const KeyId = await keyIn(path)
  await using encrypted = await startKeyspan(path, '--tls-cert', cert, '--tls-key', key)
  const sides = [
    { name: 'HTTPS', server: encrypted, requests: await requestsWith(encrypted, KeyId) },
    { name: 'HTTP', server: plain, requests: await encrypting(plain) },
  ]
  return rowOf('HTTPS against HTTP', 64, await compare(sides, 64, plan), 0.85)
}

/** A key that is made before its server speaks HTTPS only. */
async function keyIn(path: string): Promise<string> {
  await using server = await startKeyspan(path)
  return await createKey(server)
}

/** What readers wait while others write: one transaction of SQLite, and its sync, is made by the thread that answers. */
async function besideWriters({ seconds }: Plan): Promise<readonly Row[]> {
  await using data = await newData()
  await using server = await startKeyspan(data.path)
  const requests = await encrypting(server)
  const creating = await buildRequests(server.url, server.credentials, 'CreateKey', (index) => ({
    Description: `key ${index}`,
  }))
  const alone = await load(server.url, requests, 8, seconds)
  const [beside, writers] = await Promise.all([
    load(server.url, requests, 8, seconds),
    load(server.url, creating, 64, seconds),
  ])
  const ms = (value: number) => `${value.toFixed(1)} ms`
  return [
    {
      cells: [
        'Encrypt beside 64 writers against alone, p99',
        '8',
        ms(beside.p99),
        ms(alone.p99),
        (beside.p99 / alone.p99).toFixed(1),
      ],
    },
    { cells: ['CreateKey, durable', '64', `${whole(writers.perSecond)} req/s`, '-', '-'] },
  ]
}

/** How many turns of the event loop come more than 10 ms late while everybody does everything at once. */
async function lateTurns({ seconds }: Plan): Promise<Row> {
  await using data = await newData()
  await using server = await startKeyspan(data.path, '--metrics-port', String(METRICS_PORT))
  const keys = await Promise.all(Array.from({ length: 500 }, () => createKey(server)))
  const requests = await buildRequests(server.url, server.credentials, 'Encrypt', (index) => ({
    KeyId: keys[index % keys.length],
    Plaintext: plaintext(index),
  }))
  const creating = await buildRequests(server.url, server.credentials, 'CreateKey', () => ({}))
  const before = await turns()
  await Promise.all([load(server.url, requests, 8, seconds), load(server.url, creating, 8, seconds)])
  const after = await turns()
  const [all, late] = [after.all - before.all, after.all - after.soon - (before.all - before.soon)]
  const what = 'turns more than 10 ms late, of those looked at, under readers and writers'
  return { cells: [what, '8 + 8', whole(late), whole(all), (late / all).toFixed(3)] }
}

async function turns(): Promise<{ readonly all: number; readonly soon: number }> {
  const text = await (await fetch(`http://127.0.0.1:${METRICS_PORT}/metrics`)).text()
  const valueOf = (name: RegExp) => Number(name.exec(text)?.[1])
  return {
    all: valueOf(/^keyspan_event_loop_lag_seconds_count (\d+)/m),
    soon: valueOf(/^keyspan_event_loop_lag_seconds_bucket\{le="0.01"\} (\d+)/m),
  }
}

/** Processor time of a bare signature against that of a request to Sign. */
async function signature(plan: Plan, KeySpec: 'RSA_2048' | 'ECC_NIST_P256', SigningAlgorithm: string): Promise<Row> {
  await using data = await newData()
  await using server = await startKeyspan(data.path)
  const KeyId = await createKey(server, { KeySpec, KeyUsage: 'SIGN_VERIFY' })
  const input = { KeyId, SigningAlgorithm, Message: plaintext(0) }
  const requests = await buildRequests(server.url, server.credentials, 'Sign', () => input)
  const bare = bareSigner(KeySpec)
  const turns: { readonly ours: number; readonly theirs: number }[] = []
  for (let round = 0; round < plan.rounds; round += 1) {
    const [own] = await compare([{ name: 'Sign', server, requests }], 64, { ...plan, rounds: 1 })
    turns.push({ ours: own?.cpuMicroseconds ?? Number.NaN, theirs: bare() })
  }
  const [ours, theirs] = [median(turns.map((turn) => turn.ours)), median(turns.map((turn) => turn.theirs))]
  return {
    cells: [
      `${KeySpec} Sign: bare signature against request, CPU`,
      '64',
      `${theirs.toFixed(0)} µs`,
      `${ours.toFixed(0)} µs`,
      (theirs / ours).toFixed(2),
    ],
    aim: `at least ${KeySpec === 'RSA_2048' ? '0.88' : '0.50'}`,
    cpu: ours.toFixed(0),
  }
}

/** Measures, each time it is called, what a bare signature takes, in microseconds of processor time. */
function bareSigner(spec: 'RSA_2048' | 'ECC_NIST_P256'): () => number {
  const isRsa = spec === 'RSA_2048'
  const { privateKey } = isRsa
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = isRsa
    ? { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
    : { key: privateKey }
  return () => {
    const before = process.threadCpuUsage()
    for (let signed = BETWEEN; ; signed += BETWEEN) {
      for (let left = BETWEEN; left > 0; left -= 1) sign('sha256', MESSAGE, key)
      const { user, system } = process.threadCpuUsage(before)
      if (user + system > BARE_US) return (user + system) / signed
    }
  }
}
