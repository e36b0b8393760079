/**
 * `npm run bench:nodes [SECONDS] [ROUNDS] [SHARE]`: requests a second of one process and of two that serve one Region
 * together on one PostgreSQL, and of one process on files of SQLite, in alternation; 4 seconds, 3 rounds and a share of
 * 0.2 unless told otherwise.
 *
 * Each process gets no more than that share of one core, by a control group: so two have twice what one has, on a machine
 * of two cores too, and the load and the database have enough. It needs Linux, PostgreSQL, and a user who may make such
 * groups. Both engines bring to disk what they commit.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { credentialsIn, HOME } from '../test/server.ts'
import { freePort, startPostgres } from '../test/postgres/postgres.ts'
import { load } from './http-load.ts'
import { ask, buildRequests, type Credentials } from './requests.ts'
import { startServerUnderTest, type ServerUnderTest } from './server-under-test.ts'
import { limitShare } from './share.ts'

const MAIN = new URL('../src/main.ts', import.meta.url).pathname
const CONNECTIONS = 16
const [seconds = 4, rounds = 3, share = 0.2] = process.argv.slice(2).map(Number)

const root = mkdtempSync(join(tmpdir(), 'keyspan-bench-'))
const postgres = await startPostgres({ isDurable: true })

/** A process that is measured, and how it is asked. */
interface Measured {
  readonly server: ServerUnderTest
  readonly requests: Readonly<Record<(typeof OPERATIONS)[number], readonly Buffer[]>>
}

const OPERATIONS = ['Encrypt', 'CreateKey', 'CreateGrant'] as const

async function start(name: string, ready: RegExp, ...flags: readonly string[]): Promise<ServerUnderTest> {
  const port = String(await freePort())
  const own = ['--data', join(root, name), '--root-key', join(root, 'root.key'), '--regions', HOME, '--port', port]
  return startServerUnderTest(process.execPath, [MAIN, 'serve', ...own, ...flags], ready)
}

async function measured(server: ServerUnderTest, credentials: Credentials, KeyId: string): Promise<Measured> {
  const build = (operation: string, inputOf: (index: number) => object) =>
    buildRequests(server.url, credentials, operation, inputOf)
  const GranteePrincipal = 'arn:aws:iam::111122223333:root'
  return {
    server,
    requests: {
      Encrypt: await build('Encrypt', (index) => ({
        KeyId,
        Plaintext: Buffer.from(`plaintext ${index}`).toString('base64'),
      })),
      CreateKey: await build('CreateKey', (index) => ({ Description: String(index) })),
      CreateGrant: await build('CreateGrant', () => ({ KeyId, GranteePrincipal, Operations: ['Encrypt'] })),
    },
  }
}

async function keyOf(url: string, credentials: Credentials): Promise<string> {
  const { KeyMetadata } = (await ask(url, credentials, 'CreateKey', {})) as unknown as {
    readonly KeyMetadata: { readonly KeyId: string }
  }
  return KeyMetadata.KeyId
}

/** Requests a second of some processes together, and milliseconds of their processors for each. */
async function run(processes: readonly Measured[], operation: (typeof OPERATIONS)[number]): Promise<Run> {
  const used = () => processes.reduce((sum, { server }) => sum + server.cpuSeconds(), 0)
  const before = used()
  const loads = await Promise.all(
    processes.map(({ server, requests }) => load(server.url, requests[operation], CONNECTIONS, seconds)),
  )
  const count = loads.reduce((sum, each) => sum + each.requests, 0)
  return {
    perSecond: loads.reduce((sum, each) => sum + each.perSecond, 0),
    processor: ((used() - before) * 1000) / count,
  }
}

interface Run {
  readonly perSecond: number
  readonly processor: number
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

try {
  const database = await postgres.newDatabase()
  const together = ['--database', database, '--node-address', '127.0.0.1:0']
  await using one = await start('one', /is ready at (\S+) /, ...together)
  await using other = await start('other', /serves at ([^\s,]+),/, ...together)
  await using files = await start('files', /is ready at (\S+) /)
  const [shared, own] = [await credentialsIn(join(root, 'one')), await credentialsIn(join(root, 'files'))]
  const key = await keyOf(one.url, shared)
  const [leader, follower] = [await measured(one, shared, key), await measured(other, shared, key)]
  const sqlite = await measured(files, own, await keyOf(files.url, own))
  const groups = [one, other, files].map(({ pid }) => limitShare(pid, share))
  const cases = {
    'Encrypt, one process': () => run([leader], 'Encrypt'),
    'Encrypt, the follower alone': () => run([follower], 'Encrypt'),
    'Encrypt, two processes': () => run([leader, follower], 'Encrypt'),
    'Encrypt, SQLite': () => run([sqlite], 'Encrypt'),
    'CreateKey, beside a follower': () => run([leader], 'CreateKey'),
    'CreateKey, SQLite': () => run([sqlite], 'CreateKey'),
    'CreateGrant, beside a follower': () => run([leader], 'CreateGrant'),
    'CreateGrant, SQLite': () => run([sqlite], 'CreateGrant'),
  }
  for (const measure of Object.values(cases).slice(0, 4)) await measure()
  const runs = new Map(Object.keys(cases).map((name) => [name, [] as Run[]]))
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, measure] of Object.entries(cases)) runs.get(name)?.push(await measure())
  }
  const rate = (name: keyof typeof cases) => median((runs.get(name) ?? []).map((each) => each.perSecond))
  for (const [name, each] of runs) {
    const processor = median(each.map((some) => some.processor)).toFixed(2)
    const perSecond = median(each.map((some) => some.perSecond)).toFixed(0)
    console.log(`${name.padEnd(32)} ${perSecond.padStart(6)} a second, ${processor} ms of a processor each`)
  }
  const ratio = (a: keyof typeof cases, b: keyof typeof cases) => (rate(a) / rate(b)).toFixed(2)
  console.log(`two processes to one, Encrypt: ${ratio('Encrypt, two processes', 'Encrypt, one process')}`)
  const changes = [
    ratio('CreateKey, beside a follower', 'CreateKey, SQLite'),
    ratio('CreateGrant, beside a follower', 'CreateGrant, SQLite'),
  ]
  console.log(
    `PostgreSQL to SQLite: Encrypt ${ratio('Encrypt, one process', 'Encrypt, SQLite')}, ` +
      `CreateKey ${changes[0]}, CreateGrant ${changes[1]}`,
  )
  process.on('exit', () => {
    for (const group of groups) group[Symbol.dispose]()
  })
} finally {
  await postgres.stop()
  rmSync(root, { recursive: true })
}
