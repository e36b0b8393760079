/**
 * `npm run drill:patroni`: Keyspan on three servers of PostgreSQL that Patroni keeps, with synchronous replication. Each
 * minute the leader is killed under load, or, each fourth time, cut off from etcd and its standby servers while Keyspan
 * reaches it. Every change that was answered must be there in the end.
 *
 * `-- --minutes 5` takes five minutes instead of twenty, at least.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { CreateKeyCommand, DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { freePort } from '../free-port.ts'
import { credentialsIn, HOME } from '../server.ts'
import { startCluster } from './patroni.ts'

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '20' } } })
const MINUTES = Number(values.minutes)
const MINUTE_MS = 60_000
/** Of so many times that the leader is lost it is cut off once. */
const CUT_EVERY = 4
const MAIN = join(import.meta.dirname, '../../src/main.ts')
/** How long a request may take, and writes may be refused, in milliseconds. */
const REQUEST_MS = 3000
const REFUSED_MS = 120_000
/** How long there are writes before a kill, in milliseconds; and how many are awaited behind it. */
const SETTLE_MS = 3000
const BACK = 5

const root = mkdtempSync(join(tmpdir(), 'keyspan-drill-'))
await using cluster = await startCluster()
process.stdout.write(`A cluster of three at ${cluster.url}\n`)
const ports = [await freePort(), await freePort()]
const ending = new AbortController()
const children = new Set<ChildProcess>()

/** Starts a process of Keyspan, and starts it again whenever it ends. */
async function supervise(port: number, name: string): Promise<void> {
  while (!ending.signal.aborted) {
    const flags = [
      '--data',
      join(root, name),
      '--root-key',
      join(root, 'root.key'),
      '--regions',
      HOME,
      '--port',
      String(port),
    ]
    const child = spawn(process.execPath, [MAIN, 'serve', ...flags, '--database', cluster.url], {
      stdio: 'ignore',
      env: { ...process.env, KEYSPAN_LOG: 'silent' },
    })
    children.add(child)
    await once(child, 'exit')
    children.delete(child)
    await sleep(200)
  }
}

const supervised = [supervise(ports[0] ?? 0, 'one')]
const credentials = await untilCredentials()
supervised.push(supervise(ports[1] ?? 0, 'other'))
const clients = ports.map(
  (port) => new KMSClient({ region: HOME, endpoint: `http://127.0.0.1:${port}`, credentials, maxAttempts: 1 }),
)

/** Those of the account that the first process makes. */
async function untilCredentials(): ReturnType<typeof credentialsIn> {
  for (;;) {
    const found = await credentialsIn(join(root, 'one')).catch(() => null)
    if (found !== null && found.accessKeyId !== '') return found
    await sleep(100)
  }
}

/** The keys whose making was answered, and when, by the monotonic clock. */
const answered: { readonly id: string; readonly at: number }[] = []

async function write(): Promise<void> {
  for (let turn = 0; !ending.signal.aborted; turn = 1 - turn) {
    const client = clients[turn]
    try {
      while (!ending.signal.aborted) {
        const sent = client?.send(new CreateKeyCommand({}), { abortSignal: AbortSignal.timeout(REQUEST_MS) })
        const { KeyMetadata } = (await sent) ?? {}
        answered.push({ id: KeyMetadata?.KeyId ?? '', at: performance.now() })
      }
    } catch {
      await sleep(100)
    }
  }
}

/** How the leader is lost, and how it comes back. */
interface Loss {
  readonly name: string
  begin(leader: Leader): void
  end(leader: Leader): Promise<void>
}
type Leader = Awaited<ReturnType<typeof cluster.whole>>

const KILL: Loss = { name: 'killed', begin: (leader) => cluster.kill(leader), end: (leader) => cluster.start(leader) }
const CUT_OFF: Loss = {
  name: 'cut off',
  begin: (leader) => cluster.isolate(leader, true),
  async end(leader) {
    await sleep(SETTLE_MS)
    cluster.isolate(leader, false)
  },
}

/** Has the leader be lost; gives for how long no write was answered, in milliseconds. */
async function loseLeader(loss: Loss): Promise<number> {
  const leader = await cluster.whole()
  await sleep(SETTLE_MS)
  const before = answered.length - 1
  loss.begin(leader)
  const lostAt = performance.now()
  const isBack = () => answered.filter(({ at }) => at > lostAt + 1000).length > BACK
  while (!isBack()) {
    if (performance.now() - lostAt > REFUSED_MS) throw new Error('Writes are refused for ever.')
    await sleep(50)
  }
  const times = answered.slice(before).map(({ at }) => at)
  const gap = Math.max(...times.slice(1).map((at, index) => at - (times[index] ?? at)))
  process.stdout.write(`${leader} was ${loss.name}; no write was answered for ${seconds(gap)}\n`)
  await loss.end(leader)
  return gap
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`
}

const writing = write()
const gaps: number[] = []
const begun = performance.now()
try {
  for (let minute = 0; performance.now() - begun < MINUTES * MINUTE_MS; minute += 1) {
    await sleep(Math.max(0, begun + minute * MINUTE_MS - performance.now()))
    gaps.push(await loseLeader(minute % CUT_EVERY === CUT_EVERY - 1 ? CUT_OFF : KILL))
  }
  await cluster.whole()
  ending.abort()
  await writing
  const lost: string[] = []
  for (const { id } of answered) if (!(await isThere(id))) lost.push(id)
  const sorted = gaps.toSorted((a, b) => a - b)
  const [median = 0, worst = 0] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)]
  process.stdout.write(
    `${answered.length} writes were answered, ${lost.length} of them are lost. ${gaps.length} times the leader was lost, and ` +
      `no write was answered for ${seconds(median)} (median), ${seconds(worst)} (worst).\n`,
  )
  process.exitCode = lost.length === 0 ? 0 : 1
} finally {
  ending.abort()
  for (const child of children) child.kill('SIGKILL')
  await Promise.all(supervised)
  rmSync(root, { recursive: true })
}

async function isThere(id: string): Promise<boolean> {
  for (const client of clients) {
    try {
      await client.send(new DescribeKeyCommand({ KeyId: id }))
      return true
    } catch (error) {
      if ((error as Error).name === 'NotFoundException') return false
    }
  }
  throw new Error('Nobody serves.')
}
