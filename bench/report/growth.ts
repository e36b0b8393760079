/** The same requests with much stored and with little. */
import { randomInt } from 'node:crypto'
import { buildRequests } from '../requests.ts'
import { ACCOUNT, plant, type Growth } from './grown.ts'
import type { Chart, Line } from './plot.ts'
import { plaintext } from './requests.ts'
import { table, whole, type Plan, type Section } from './section.ts'
import { newData, startKeyspan, type Keyspan } from './servers.ts'
import { compare } from './sides.ts'

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

/** So many keys are used in turn: more than are kept ready. */
const USED = 20_000

/** What is asked, and how many different requests there are of it. */
const OPERATIONS: readonly (readonly [string, (ids: readonly string[], index: number) => object, number?])[] = [
  ['CreateKey', () => ({})],
  ['CreateGrant', ([KeyId], index) => ({ KeyId, GranteePrincipal: ROOT, Operations: ['Decrypt'], Name: `b${index}` })],
  ['DescribeKey', (ids) => ({ KeyId: ids[randomInt(ids.length)] }), USED],
  ['ListKeys', () => ({ Limit: 100 })],
  ['Encrypt', (ids, index) => ({ KeyId: ids[randomInt(ids.length)], Plaintext: plaintext(index) }), USED],
]

export async function growthSection(plan: Plan): Promise<Section> {
  const much = [plan.keys / 10, plan.keys].filter((keys) => keys > LITTLE.keys).map(growthOf)
  const growths = [LITTLE, ...much]
  await using opened = new AsyncDisposableStack()
  const grown: Grown[] = []
  for (const growth of growths) grown.push(opened.use(await grow(growth)))
  const rows: string[][] = []
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
    rows.push([
      operation,
      ...measured.map(({ perSecond }) => whole(perSecond)),
      ((measured.at(-1)?.perSecond ?? 0) / least).toFixed(2),
    ])
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
  const names = growths.map(
    ({ keys, aliases, grants }) => `${whole(keys)} keys, ${whole(aliases)} aliases, ${whole(grants)} grants`,
  )
  return {
    title: 'Growth',
    text: `Requests a second at ${CONNECTIONS} connections. DescribeKey and Encrypt go through ${whole(USED)} keys, chosen at random: of
few keys all are kept ready, of many next to none. CreateGrant goes to the key that has all grants.

${table(['operation', ...names, 'most against least'], rows)}

Memory after it: ${grown.map(({ server, growth }) => `${whole(server.residentMegabytes())} MB with ${whole(growth.keys)} keys`).join(', ')}.`,
    charts,
  }
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
