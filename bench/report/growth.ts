/** The same requests with much stored and with little. */
import { randomInt } from 'node:crypto'
import { buildRequests } from '../requests.ts'
import { ACCOUNT, plant, type Growth } from './grown.ts'
import type { Chart, Line } from './plot.ts'
import { plaintext } from './requests.ts'
import { load } from '../http-load.ts'
import { table, whole, type Plan, type Reach, type Section } from './section.ts'
import { newData, startKeyspan, type Keyspan } from './servers.ts'
import { compare } from './sides.ts'
import { median, startedIn } from './starts.ts'

const LITTLE: Growth = { keys: 1000, aliases: 100, grants: 50 }
const MOST_ALIASES = 100_000
const MOST_GRANTS = 50_000
const CONNECTIONS = 8
const ROOT = `arn:aws:iam::${ACCOUNT}:root`

/** A server with what it holds. */
interface Grown extends AsyncDisposable {
  readonly server: Keyspan
  readonly growth: Growth
  readonly ids: readonly string[]
}

/** So many requests go to keys at random: more than are sent within a turn. */
const AT_RANDOM = 50_000
/** So many keys are in use when memory is looked at. */
const IN_USE = 10_000
const STARTS = 5

/** What is asked, and how many different requests there are of it. */
const OPERATIONS: readonly (readonly [string, (ids: readonly string[], index: number) => object, number?])[] = [
  ['CreateKey', () => ({})],
  ['CreateGrant', (ids, index) => ({ KeyId: ids[index], GranteePrincipal: ROOT, Operations: ['Decrypt'] })],
  ['DescribeKey', (ids) => ({ KeyId: ids[randomInt(ids.length)] }), AT_RANDOM],
  ['ListKeys', () => ({ Limit: 100 })],
  ['Encrypt', (ids, index) => ({ KeyId: ids[randomInt(ids.length)], Plaintext: plaintext(index) }), AT_RANDOM],
]

export async function growthSection(plan: Plan): Promise<Section> {
  const much = [plan.keys / 10, plan.keys].filter((keys) => keys > LITTLE.keys).map(growthOf)
  const growths = [LITTLE, ...much]
  await using opened = new AsyncDisposableStack()
  const grown: Grown[] = []
  for (const growth of growths) grown.push(opened.use(await grow(growth)))
  const inUse = await memoryInUse(grown.at(-1), plan)
  const rows: string[][] = []
  const reach: Reach[] = []
  const lines: Line[] = []
  for (const [operation, inputOf, distinct] of OPERATIONS) {
    const sides = []
    for (const { server, ids } of grown) {
      const inputAt = (index: number) => inputOf(ids, index)
      const requests = await buildRequests(server.url, server.credentials, operation, inputAt, distinct)
      sides.push({ name: operation, server, requests })
    }
    const measured = await compare(sides, CONNECTIONS, plan)
    const least = measured[0]?.perSecond ?? Number.NaN
    const figure = ((measured.at(-1)?.perSecond ?? 0) / least).toFixed(2)
    rows.push([operation, ...measured.map(({ perSecond }) => whole(perSecond)), figure])
    const cpu = measured.at(-1)?.cpuMicroseconds.toFixed(0) ?? ''
    const what = `${operation} with ${whole(plan.keys)} keys, against ${whole(LITTLE.keys)}`
    reach.push({ what, figure, aim: 'at least 0.80', cpu })
    const points = measured.map(({ perSecond }, n) => ({ x: growths[n]?.keys ?? 0, y: perSecond / least }))
    lines.push({ name: operation, points })
  }
  const charts = new Map<string, Chart>([
    [
      'growth',
      {
        title: `Requests a second, against ${whole(LITTLE.keys)} keys`,
        x: 'keys',
        y: 'ratio',
        lines,
        isLogarithmic: true,
      },
    ],
  ])
  const megabytes = grown.map(({ server }) => whole(server.residentMegabytes()))
  const starts = await startsOf(grown)
  const names = growths.map(
    ({ keys, aliases, grants }) => `${whole(keys)} keys, ${whole(aliases)} aliases, ${whole(grants)} grants`,
  )
  return {
    title: 'Growth',
    text: `Requests a second at ${CONNECTIONS} connections. DescribeKey and Encrypt go to keys at random: of few keys
all are kept ready, of many next to none. CreateGrant goes to some 500 keys, for the grantee of all grants.

${table(['operation', ...names, 'most against least'], rows)}

Memory after it: ${growths.map(({ keys }, n) => `${megabytes[n]} MB with ${whole(keys)} keys`).join(', ')}; and before it, with
${whole(IN_USE)} keys in use, ${whole(inUse)} MB. A start to its first signed answer takes ${growths.map(({ keys }, n) => `${whole(starts[n] ?? 0)} ms with ${whole(keys)} keys`).join(', ')}.`,
    charts,
    reach: [
      ...reach,
      { what: `memory with ${whole(IN_USE)} keys in use`, figure: `${whole(inUse)} MB`, aim: 'at most 200 MB' },
      {
        what: `start with ${whole(plan.keys)} keys, against ${whole(LITTLE.keys)}`,
        figure: ((starts.at(-1) ?? Number.NaN) / (starts[0] ?? Number.NaN)).toFixed(2),
        aim: 'the same',
      },
    ],
  }
}

/** In megabytes: what is resident once that many keys were used. */
async function memoryInUse(grown: Grown | undefined, { seconds }: Plan): Promise<number> {
  if (grown === undefined) throw new Error('INVARIANT: something has grown')
  const { server, ids } = grown
  const inputAt = (index: number) => ({ KeyId: ids[index], Plaintext: plaintext(index) })
  const requests = await buildRequests(server.url, server.credentials, 'Encrypt', inputAt, IN_USE)
  let sent = 0
  while (sent < IN_USE) sent += (await load(server.url, requests, CONNECTIONS, seconds)).requests
  return server.residentMegabytes()
}

/** The middle start of a few on each, in milliseconds, in turn; the servers end before. */
async function startsOf(grown: readonly Grown[]): Promise<readonly number[]> {
  for (const { server } of grown) await server[Symbol.asyncDispose]()
  const times = grown.map((): number[] => [])
  for (let start = 0; start < STARTS; start += 1) {
    for (const [n, { server }] of grown.entries()) times[n]?.push(await startedIn(server.path))
  }
  return times.map(median)
}

function growthOf(keys: number): Growth {
  return { keys, aliases: Math.min(keys, MOST_ALIASES), grants: Math.min(keys / 10, MOST_GRANTS - 2000) }
}

async function grow(growth: Growth): Promise<Grown> {
  await using opened = new AsyncDisposableStack()
  const { path } = opened.use(await newData())
  {
    // It begins the data.
    await using _server = await startKeyspan(path)
  }
  const ids = await plant(path, growth)
  const server = opened.use(await startKeyspan(path))
  const all = opened.move()
  return { server, growth, ids, [Symbol.asyncDispose]: () => all.disposeAsync() }
}
