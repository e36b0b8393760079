/** Encrypt, Decrypt and GenerateDataKey, beside a bare `node:http` that answers as many bytes, and beside moto. */
import { execFileSync } from 'node:child_process'
import { ask, buildRequests, createKey, type Credentials } from '../requests.ts'
import type { ServerUnderTest } from '../server-under-test.ts'
import type { Line } from './plot.ts'
import { table, whole, type Plan, type Reach, type Section } from './section.ts'
import { newData, startAlone, startBare, startKeyspan } from './servers.ts'
import { compare, type Measured, type Side } from './sides.ts'

const CONNECTIONS = [1, 8, 64]
const MOST = Math.max(...CONNECTIONS)
const CIPHERTEXTS = 50

interface Key {
  readonly id: string
  readonly ciphertexts: readonly string[]
}

const OPERATIONS: readonly (readonly [string, (index: number, key: Key) => object])[] = [
  ['Encrypt', (index, { id }) => ({ KeyId: id, Plaintext: plaintext(index) })],
  ['Decrypt', (index, { ciphertexts }) => ({ CiphertextBlob: ciphertexts[index % ciphertexts.length] })],
  ['GenerateDataKey', (index, { id }) => ({ KeyId: id, NumberOfBytes: 32 + (index % 2) })],
]

/** 32 bytes, base64, that differ by their number. */
export function plaintext(index: number): string {
  return Buffer.from(`a plaintext of 32 bytes, no. ${String(index).padStart(3, '0')}`).toString('base64')
}

/** A server that speaks KMS, beside which Keyspan is measured, with a key of its own. */
interface Neighbour {
  readonly name: string
  readonly server: Side['server']
  readonly key: Key
}

export async function requestsSection(plan: Plan): Promise<Section> {
  await using data = await newData()
  await using keyspan = await startKeyspan(data.path)
  await using moto = await startMoto()
  const key = await makeKey(keyspan.url, keyspan.credentials)
  const neighbours = await neighboursOf(moto, plan, keyspan.credentials)
  const idle = keyspan.residentMegabytes()
  const rows: string[][] = []
  const pairs: Pair[] = []
  const shares: Line[] = []
  let latencies: Line[] = []
  let bareMegabytes = 0
  for (const [operation, inputOf] of OPERATIONS) {
    const answer = JSON.stringify(await ask(keyspan.url, keyspan.credentials, operation, inputOf(0, key)))
    await using bare = await startBare(answer.length)
    const requestsFor = (url: string, of: Key) =>
      buildRequests(url, keyspan.credentials, operation, (index) => inputOf(index, of))
    const points = []
    for (const connections of CONNECTIONS) {
      const requests = await requestsFor(keyspan.url, key)
      const sides: Side[] = [
        { name: 'Keyspan', server: keyspan, requests },
        { name: 'node:http', server: bare, requests },
      ]
      // What was aimed at beside them is the most that they carry.
      for (const { name, server, key: own } of connections === MOST ? neighbours : []) {
        sides.push({ name, server, requests: await requestsFor(server.url, own) })
      }
      const measured = await compare(sides, connections, plan)
      const [ours, ceiling, ...theirs] = measured
      if (ours === undefined || ceiling === undefined) throw new Error('INVARIANT: two sides were compared')
      const besides = neighbours.map((_, n) => theirs[n])
      rows.push(rowOf(operation, connections, ours, ceiling, besides))
      pairs.push({ connections, ours, bare: ceiling, moto: moto === null ? undefined : theirs[0] })
      points.push({ x: connections, y: ours.perSecond / ceiling.perSecond })
      if (operation === 'Encrypt' && connections === MOST) latencies = latencyLines(sides, measured)
    }
    shares.push({ name: operation, points })
    bareMegabytes = Math.max(bareMegabytes, bare.residentMegabytes())
  }
  return {
    title: 'Requests',
    text: `${table([...HEAD, ...neighbours.map(({ name }) => `against ${name}`)], rows)}

*of bare*: requests a second against a \`node:http\` server that reads a body and answers as many bytes, and does
nothing else. *CPU*: processor time of the server a request, of all its threads. Memory of Keyspan: ${whole(idle)} MB before
the load and ${whole(keyspan.residentMegabytes())} MB after it; of the bare server ${whole(bareMegabytes)} MB.`,
    charts: new Map([
      ['share-of-bare', { ...SHARES, lines: shares }],
      ['latency', { ...LATENCIES, lines: latencies }],
    ]),
    reach: [
      ...reachOf(pairs),
      {
        what: 'memory after load, against bare',
        figure: (keyspan.residentMegabytes() / bareMegabytes).toFixed(1),
        aim: 'at most 1.8',
      },
    ],
  }
}

/** The same requests to both, and to moto where it is installed. */
interface Pair {
  readonly connections: number
  readonly ours: Measured
  readonly bare: Measured
  readonly moto: Measured | undefined
}

const SHARES_AIMED_AT: ReadonlyMap<number, number> = new Map([
  [64, 0.45],
  [8, 0.4],
  [1, 0.6],
])

function reachOf(pairs: readonly Pair[]): readonly Reach[] {
  const of = (connections: number) => pairs.filter((pair) => pair.connections === connections)
  const shares = [...SHARES_AIMED_AT].map(([connections, aim]): Reach => ({
    what: `${OPERATIONS.map(([name]) => name).join(', ')} at ${connections}, share of bare`,
    figure: of(connections)
      .map(({ ours, bare }) => (ours.perSecond / bare.perSecond).toFixed(2))
      .join(', '),
    aim: `at least ${aim.toFixed(2)}`,
    cpu: of(connections)
      .map(({ ours }) => ours.cpuMicroseconds.toFixed(0))
      .join(', '),
  }))
  const most = of(MOST)
  const what = `the same at ${MOST}, against moto`
  const againstMoto = most.flatMap(({ ours, moto }) =>
    moto === undefined ? [] : [(ours.perSecond / moto.perSecond).toFixed(0)],
  )
  const spread = ({ p99, median }: Measured) => (p99 / median).toFixed(1)
  return [
    ...shares,
    ...(againstMoto.length === 0 ? [] : [{ what, figure: againstMoto.join(', '), aim: 'at least 60' }]),
    {
      what: `p99 against p50 at ${MOST}; that of bare`,
      figure: `${most.map(({ ours }) => spread(ours)).join(', ')}; ${most.map(({ bare }) => spread(bare)).join(', ')}`,
      aim: 'at most 2.5',
    },
  ]
}

const HEAD = [
  'operation',
  'connections',
  'req/s',
  'p50 ms',
  'p99 ms',
  'CPU µs',
  'bare req/s',
  'bare CPU µs',
  'of bare',
  'CPU of bare',
]
const SHARES = {
  title: 'Requests a second, as a share of a bare node:http',
  x: 'connections',
  y: 'share',
  isLogarithmic: true,
}
const LATENCIES = {
  title: `Encrypt at ${MOST} connections: so many of 100 took no longer than`,
  x: 'of 100 requests',
  y: 'ms',
}

/** Of those that are not slower by an order: they would flatten the others. */
function latencyLines(sides: readonly Side[], measured: readonly Measured[]): Line[] {
  const most = 10 * (measured[0]?.p99 ?? Infinity)
  return sides.flatMap(({ name }, n) => {
    const { p99 = Infinity, latencies = [] } = measured[n] ?? {}
    return p99 > most ? [] : [{ name, points: latencies.map(({ percent, ms }) => ({ x: percent, y: ms })) }]
  })
}

function rowOf(
  operation: string,
  connections: number,
  ours: Measured,
  bare: Measured,
  besides: readonly (Measured | undefined)[],
): string[] {
  return [
    operation,
    String(connections),
    whole(ours.perSecond),
    ours.median.toFixed(2),
    ours.p99.toFixed(2),
    ours.cpuMicroseconds.toFixed(1),
    whole(bare.perSecond),
    bare.cpuMicroseconds.toFixed(1),
    (ours.perSecond / bare.perSecond).toFixed(2),
    (bare.cpuMicroseconds / ours.cpuMicroseconds).toFixed(2),
    ...besides.map((each) => (each === undefined ? '' : (ours.perSecond / each.perSecond).toFixed(1))),
  ]
}

async function neighboursOf(
  moto: ServerUnderTest | null,
  { beside }: Plan,
  credentials: Credentials,
): Promise<readonly Neighbour[]> {
  const named = beside.map(({ name, url }) => ({ name, server: { url, cpuSeconds: () => Number.NaN } }))
  const all = moto === null ? named : [{ name: 'moto', server: moto }, ...named]
  return Promise.all(all.map(async (each) => ({ ...each, key: await makeKey(each.server.url, credentials) })))
}

async function makeKey(url: string, credentials: Credentials): Promise<Key> {
  const id = await createKey({ url, credentials })
  const ciphertexts: string[] = []
  for (let index = 0; index < CIPHERTEXTS; index += 1) {
    const answer = await ask(url, credentials, 'Encrypt', { KeyId: id, Plaintext: plaintext(index) })
    ciphertexts.push(answer['CiphertextBlob'] ?? '')
  }
  return { id, ciphertexts }
}

/** Null where it is not installed. */
async function startMoto(): Promise<ServerUnderTest | null> {
  try {
    execFileSync('moto_server', ['--help'], { stdio: 'ignore' })
  } catch {
    console.warn('moto_server is not installed: its column is empty.')
    return null
  }
  return startAlone('moto_server', ['-H', '127.0.0.1', '-p', '7799'], /Running on (\S+)/)
}
