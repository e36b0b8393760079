/** Where the processor's time of a request goes: samples of the thread that answers, by the part of the source. */
import { readdirSync, readFileSync } from 'node:fs'
import { load } from '../http-load.ts'
import { buildRequests, createKey } from '../requests.ts'
import { plaintext } from './requests.ts'
import { table, type Plan, type Section } from './section.ts'
import { newData, startFromSource } from './servers.ts'

const CONNECTIONS = 64
const SAMPLE_MICROSECONDS = 200

/** A part of a request. */
interface Part {
  readonly name: string
  /** What it had of 100 at first, in November 2026 at dacf594, as far as it was told apart. */
  readonly atFirst?: string
  /** Where its code is. The first part in this order that a frame fits has it. */
  readonly code: RegExp
}

const READING = 'node:http: the request, and turns of the loop'
const PARTS: readonly Part[] = [
  { name: 'node:http: the answer', atFirst: '31 together with the request', code: /^node:_http_outgoing/ },
  {
    name: 'signature and caller',
    atFirst: '20',
    code: /src\/(?:protocol\/(?:sigv4|canonical-request)|kernel\/identities)/,
  },
  { name: 'JSON and its shape', atFirst: '3', code: /node_modules\/|src\/(?:protocol\/aws-json|kernel\/parse)/ },
  { name: 'policy decision', atFirst: 'with the key', code: /src\/(?:policy|kernel\/access)\// },
  { name: 'seal', atFirst: '16', code: /src\/(?:crypto\/(?:sealing|random|kdf)|services\/kms\/cryptography)/ },
  {
    name: 'record',
    atFirst: '5',
    code: /src\/(?:kernel\/(?:audit|call-record|record-fields|journal)|services\/kms\/record)/,
  },
  {
    name: 'tree of the log',
    atFirst: 'there was none',
    code: /src\/(?:storage\/audit-tree|server\/transparency|crypto\/transparency)/,
  },
  { name: 'log: append, write, sync', atFirst: '17', code: /src\/storage\/audit\// },
  { name: 'key, ready, and its last use', atFirst: '7', code: /src\/(?:kernel\/keys|storage|domain)\// },
  { name: 'HTTP layer', atFirst: '3', code: /src\/server\/http/ },
  { name: 'the rest of Keyspan', code: /\/src\// },
]

interface Frame {
  readonly functionName: string
  readonly url: string
}

interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: Frame; readonly children?: readonly number[] }[]
  readonly startTime: number
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

export async function profileSection({ seconds }: Plan): Promise<Section> {
  await using data = await newData()
  await using profiles = await newData()
  let window = { from: 0, to: 0 }
  let requests = 0
  {
    const flags = ['--cpu-prof', '--cpu-prof-interval', String(SAMPLE_MICROSECONDS), '--cpu-prof-dir', profiles.path]
    await using server = await startFromSource(data.path, flags)
    const KeyId = await createKey(server)
    const inputOf = (index: number) => ({ KeyId, Plaintext: plaintext(index) })
    const signed = await buildRequests(server.url, server.credentials, 'Encrypt', inputOf)
    await load(server.url, signed, CONNECTIONS, seconds)
    const from = microseconds()
    requests = (await load(server.url, signed, CONNECTIONS, seconds)).requests
    window = { from, to: microseconds() }
  }
  const times = timesOf(profileIn(profiles.path), window)
  const all = [...times.values()].reduce((sum, time) => sum + time, 0)
  const rows = [...times]
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, time]) => {
      const { atFirst = '' } = PARTS.find((part) => part.name === name) ?? {}
      return [name, ((time / all) * 100).toFixed(0), (time / requests).toFixed(1), atFirst]
    })
  return {
    title: 'Where a request goes',
    text: `Encrypt at ${CONNECTIONS} connections: samples of the thread that answers, ${SAMPLE_MICROSECONDS} µs apart, each counted for the nearest
part of the source that it was in. The sources run under the profiler, which takes longer than the bundle does; time
that the thread waits for the processor is in it, threads of V8 and of the index of events are not. The shares hold, the
sum is not that of the other tables. *At first* is the state before this was looked into (dacf594), by stages that were
left out one after the other.

${table(['part', 'of 100', 'µs a request', 'of 100 at first'], rows)}`,
    charts: new Map(),
    reach: [],
  }
}

/** By the clock that profiles have. */
function microseconds(): number {
  return Number(process.hrtime.bigint() / 1000n)
}

/** The profile of the first thread. */
function profileIn(directory: string): Profile {
  const name = readdirSync(directory).find((each) => /^CPU\.\d+\.\d+\.\d+\.0\./.test(each))
  if (name === undefined) throw new Error(`There is no profile in ${directory}.`)
  return JSON.parse(readFileSync(`${directory}/${name}`, 'utf8')) as Profile
}

/** Microseconds of each part within a time. */
function timesOf(
  { nodes, samples, timeDeltas, startTime }: Profile,
  { from, to }: { readonly from: number; readonly to: number },
): ReadonlyMap<string, number> {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)))
  const partOf = (sample: number): string | null => {
    const { functionName = '' } = frames.get(sample) ?? {}
    if (functionName === '(idle)') return null
    if (functionName === '(garbage collector)') return 'garbage collection'
    for (let at: number | undefined = sample; at !== undefined; at = parents.get(at)) {
      const url = frames.get(at)?.url ?? ''
      const part = PARTS.find(({ code }) => code.test(url))
      if (part !== undefined) return part.name
    }
    return functionName === '(program)' ? 'outside of JavaScript' : READING
  }
  const known = new Map(nodes.map(({ id }) => [id, partOf(id)]))
  const times = new Map<string, number>()
  let now = startTime
  for (const [place, sample] of samples.entries()) {
    const time = timeDeltas[place] ?? 0
    now += time
    const part = known.get(sample) ?? null
    if (part !== null && now >= from && now <= to) times.set(part, (times.get(part) ?? 0) + time)
  }
  return times
}
