/** Encrypt with more of one thing at a time: grants, aliases, statements of a key policy, Regions. */
import { randomInt } from 'node:crypto'
import { COMMERCIAL_REGIONS } from '../../src/domain/region.ts'
import { buildRequests, createKey } from '../requests.ts'
import { ACCOUNT, plant } from './grown.ts'
import type { Line } from './plot.ts'
import { plaintext } from './requests.ts'
import { table, whole, type Plan, type Section } from './section.ts'
import { newData, startKeyspan, type Keyspan } from './servers.ts'
import { compare, type Side } from './sides.ts'

const CONNECTIONS = 8
/** AWS's limit. */
const ALIASES_A_KEY = 50
/** So many keys are used through aliases, however many there are. */
const KEYS_WITH_ALIASES = 100

/** A server that has so many of something, and the key to be used. */
interface Stage extends AsyncDisposable {
  readonly server: Keyspan
  readonly keyAt: (index: number) => string
}

/** What there is more of; how many of it; and how a server is begun that has so many. */
const DIMENSIONS: readonly (readonly [string, readonly number[], (count: number) => Promise<Stage>])[] = [
  ['grants on the key', [1, 100, 10_000], withGrants],
  ['aliases, of which 100 are used', [100, 10_000, 100_000], withAliases],
  ['statements in its policy, of which the last allows', [1, 10, 100], withStatements],
  ['Regions that are served', [1, 4, COMMERCIAL_REGIONS.length], withRegions],
]

/** Nothing was aimed at here: fewer rounds than elsewhere show how it goes. */
export async function dimensionsSection(plan: Plan): Promise<Section> {
  const rounds = Math.ceil(plan.rounds / 2)
  const rows: string[][] = []
  const lines: Line[] = []
  for (const [name, counts, begin] of DIMENSIONS) {
    await using stages = new AsyncDisposableStack()
    const sides: Side[] = []
    for (const count of counts) {
      const { server, keyAt } = stages.use(await begin(count))
      const inputAt = (index: number) => ({ KeyId: keyAt(index), Plaintext: plaintext(index) })
      const requests = await buildRequests(server.url, server.credentials, 'Encrypt', inputAt)
      sides.push({ name, server, requests })
    }
    const measured = await compare(sides, CONNECTIONS, { ...plan, rounds })
    const least = measured[0]?.perSecond ?? Number.NaN
    for (const [n, { perSecond, cpuMicroseconds }] of measured.entries()) {
      const what = `${whole(counts[n] ?? 0)} ${name}`
      rows.push([what, whole(perSecond), cpuMicroseconds.toFixed(0), (perSecond / least).toFixed(2)])
    }
    lines.push({
      name: name.replace(/[ ,].*/, ''),
      points: measured.map(({ perSecond }, n) => ({ x: counts[n] ?? 0, y: perSecond / least })),
    })
  }
  return {
    title: 'More of one thing',
    text: `Encrypt at ${CONNECTIONS} connections, each against the least of its kind, in ${rounds === 1 ? 'one round' : `${whole(rounds)} rounds`}. Those of a kind take
turns; kinds are measured minutes apart, and are not to be compared with each other.

${table(['with', 'req/s', 'CPU µs', 'of the least'], rows)}`,
    charts: new Map([
      [
        'dimensions',
        { title: 'Encrypt, against the least of each', x: 'how many', y: 'ratio', lines, isLogarithmic: true },
      ],
    ]),
    reach: [],
  }
}

async function planted(aliases: number, grants: number, keyAt: (ids: readonly string[]) => (index: number) => string) {
  await using opened = new AsyncDisposableStack()
  const { path } = opened.use(await newData())
  {
    // It begins the data.
    await using _server = await startKeyspan(path)
  }
  const ids = await plant(path, { keys: Math.max(KEYS_WITH_ALIASES, aliases / ALIASES_A_KEY), aliases, grants })
  const server = opened.use(await startKeyspan(path))
  const all = opened.move()
  return { server, keyAt: keyAt(ids), [Symbol.asyncDispose]: () => all.disposeAsync() }
}

function withGrants(count: number): Promise<Stage> {
  return planted(0, count, (ids) => () => ids[0] ?? '')
}

function withAliases(count: number): Promise<Stage> {
  return planted(count, 0, () => () => `alias/planted-${randomInt(KEYS_WITH_ALIASES)}`)
}

async function withStatements(count: number): Promise<Stage> {
  const others = Array.from({ length: count - 1 }, (_, n) => ({
    Sid: `other${n}`,
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
    Action: 'kms:DescribeKey',
    Resource: '*',
    Condition: { StringEquals: { 'aws:PrincipalTag/team': `team-${n}` } },
  }))
  const own = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' }
  return withKey('us-east-1', { Policy: JSON.stringify({ Version: '2012-10-17', Statement: [...others, own] }) })
}

function withRegions(count: number): Promise<Stage> {
  const others = COMMERCIAL_REGIONS.filter((region) => region !== 'us-east-1')
  return withKey(['us-east-1', ...others].slice(0, count).join(','), {})
}

async function withKey(regions: string, input: object): Promise<Stage> {
  await using opened = new AsyncDisposableStack()
  const { path } = opened.use(await newData())
  const server = opened.use(await startKeyspan(path, '--regions', regions))
  const KeyId = await createKey(server, input)
  const all = opened.move()
  return { server, keyAt: () => KeyId, [Symbol.asyncDispose]: () => all.disposeAsync() }
}
