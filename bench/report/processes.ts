/**
 * One process and two that serve one Region together on one PostgreSQL, and one process on files of SQLite.
 *
 * Each process gets no more than a share of one core, by a control group: so two have twice what one has, on a machine
 * of two cores too, and the load and the database have enough. Both engines bring to disk what they commit.
 */
import { join } from 'node:path'
import { freePort } from '../../test/free-port.ts'
import { credentialsIn, HOME } from '../../test/server.ts'
import { POSTGRES_BIN, startPostgres } from '../../test/postgres/postgres.ts'
import { load } from '../http-load.ts'
import { buildRequests, createKey, type Credentials } from '../requests.ts'
import { startServerUnderTest, type ServerUnderTest } from '../server-under-test.ts'
import { limitShare } from '../share.ts'
import { plaintext } from './requests.ts'
import { table, whole, type Plan, type Section } from './section.ts'
import { newData, STARTER } from './servers.ts'
import { median } from './starts.ts'

const CONNECTIONS = 16
/** Of one core. */
const SHARE = 0.2
const GRANTEE = 'arn:aws:iam::111122223333:root'
const OPERATIONS = ['Encrypt', 'CreateKey', 'CreateGrant'] as const
type Operation = (typeof OPERATIONS)[number]

/** A process that is measured, and how it is asked. */
interface Member {
  readonly server: ServerUnderTest
  /** Builds requests just before they are sent: a signature is good for five minutes. */
  readonly requestsOf: (operation: Operation) => Promise<readonly Buffer[]>
}

interface Run {
  readonly perSecond: number
  readonly cpuMicroseconds: number
}

/** Null where PostgreSQL is not installed. */
export async function processesSection(plan: Plan): Promise<Section | null> {
  if (POSTGRES_BIN === null) {
    console.warn('PostgreSQL is not installed: several processes are not measured.')
    return null
  }
  await using data = await newData()
  const postgres = await startPostgres({ isDurable: true })
  const groups: Disposable[] = []
  try {
    return await measureIn(data.path, await postgres.newDatabase(), plan, groups)
  } finally {
    for (const group of groups) group[Symbol.dispose]()
    await postgres.stop()
  }
}

async function measureIn(root: string, database: string, plan: Plan, groups: Disposable[]): Promise<Section> {
  const start = async (name: string, ready: RegExp, ...flags: readonly string[]) => {
    const port = String(await freePort())
    const own = ['--data', join(root, name), '--root-key', join(root, 'root.key'), '--regions', HOME, '--port', port]
    return startServerUnderTest(process.execPath, [STARTER, 'serve', ...own, ...flags], ready)
  }
  const together = ['--database', database, '--node-address', '127.0.0.1:0']
  await using one = await start('one', /is ready at (\S+) /, ...together)
  await using other = await start('other', /serves at ([^\s,]+),/, ...together)
  await using files = await start('files', /is ready at (\S+) /)
  const [shared, own] = [await credentialsIn(join(root, 'one')), await credentialsIn(join(root, 'files'))]
  const key = await createKey({ url: one.url, credentials: shared })
  const [leader, follower] = [memberOf(one, shared, key), memberOf(other, shared, key)]
  const sqlite = memberOf(files, own, await createKey({ url: files.url, credentials: own }))
  groups.push(...[one, other, files].map(({ pid }) => limitShare(pid, SHARE)))
  const cases: readonly (readonly [string, readonly Member[], Operation])[] = [
    ['Encrypt, one process on PostgreSQL', [leader], 'Encrypt'],
    ['Encrypt, two processes', [leader, follower], 'Encrypt'],
    ['Encrypt, one process on SQLite', [sqlite], 'Encrypt'],
    ['CreateKey on PostgreSQL, beside a follower', [leader], 'CreateKey'],
    ['CreateKey on SQLite', [sqlite], 'CreateKey'],
    ['CreateGrant on PostgreSQL, beside a follower', [leader], 'CreateGrant'],
    ['CreateGrant on SQLite', [sqlite], 'CreateGrant'],
  ]
  for (const [, members, operation] of cases.slice(0, 3)) await run(members, operation, plan)
  const runs = cases.map((): Run[] => [])
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const [n, [, members, operation]] of cases.entries()) runs[n]?.push(await run(members, operation, plan))
  }
  return sectionOf(cases.map(([name], n) => ({ name, ...middle(runs[n] ?? []) })))
}

function sectionOf(cases: readonly (Run & { readonly name: string })[]): Section {
  const [single, both] = cases
  const ratio = (both?.perSecond ?? Number.NaN) / (single?.perSecond ?? Number.NaN)
  return {
    title: 'Several processes',
    text: `Each process is held to ${SHARE} of a core, on a machine with more. Two processes on one PostgreSQL answer ${ratio.toFixed(1)} times
as many Encrypts as one.

${table(
  ['what', 'req/s', 'CPU µs'],
  cases.map(({ name, perSecond, cpuMicroseconds }) => [name, whole(perSecond), whole(cpuMicroseconds)]),
)}`,
    charts: new Map(),
    reach: [{ what: 'two processes against one, on PostgreSQL', figure: ratio.toFixed(1), aim: 'at least 1.8' }],
  }
}

function memberOf(server: ServerUnderTest, credentials: Credentials, KeyId: string): Member {
  const inputs: Readonly<Record<Operation, (index: number) => object>> = {
    Encrypt: (index) => ({ KeyId, Plaintext: plaintext(index) }),
    CreateKey: (index) => ({ Description: String(index) }),
    CreateGrant: () => ({ KeyId, GranteePrincipal: GRANTEE, Operations: ['Encrypt'] }),
  }
  return {
    server,
    requestsOf: (operation) => buildRequests(server.url, credentials, operation, inputs[operation]),
  }
}

/** Requests a second of some processes together, and the time of their processors for each. */
async function run(members: readonly Member[], operation: Operation, { seconds }: Plan): Promise<Run> {
  const sides: { readonly url: string; readonly requests: readonly Buffer[] }[] = []
  for (const { server, requestsOf } of members) sides.push({ url: server.url, requests: await requestsOf(operation) })
  const used = () => members.reduce((sum, { server }) => sum + server.cpuSeconds(), 0)
  const before = used()
  const loads = await Promise.all(sides.map(({ url, requests }) => load(url, requests, CONNECTIONS, seconds)))
  const count = loads.reduce((sum, { requests }) => sum + requests, 0)
  return {
    perSecond: loads.reduce((sum, { perSecond }) => sum + perSecond, 0),
    cpuMicroseconds: ((used() - before) * 1e6) / count,
  }
}

function middle(runs: readonly Run[]): Run {
  return {
    perSecond: median(runs.map(({ perSecond }) => perSecond)),
    cpuMicroseconds: median(runs.map(({ cpuMicroseconds }) => cpuMicroseconds)),
  }
}
