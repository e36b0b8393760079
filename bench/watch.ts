/**
 * `npm run bench:watch [KEYS] [SECONDS] [MAIN]`: for how long a scrape holds the event loop where every Region is open
 * and one has many keys, and what metrics and traces do to Encrypt: without, with metrics, with both, by turns; and
 * beside another `src/main.ts`, where one is named.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { pino } from 'pino'
import { COMMERCIAL_REGIONS } from '../src/domain/region.ts'
import { dataDirectory } from '../src/server/data/data-directory.ts'
import { startEphemeral } from '../src/server/ephemeral.ts'
import { createCollector, createRequestCounts } from '../src/server/metrics/index.ts'
import { firstAccount } from '../src/server/start-seeded.ts'
import { fillSeed } from '../src/server/seed/fill.ts'
import type { KeyRecord } from '../src/domain/key.ts'
import type { RegionStore } from '../src/storage/store.ts'
import { credentialsIn } from '../test/server.ts'
import { load } from './http-load.ts'
import { ask, buildRequests, createKey } from './requests.ts'
import { startServerUnderTest } from './server-under-test.ts'

const MAIN = new URL('../src/main.ts', import.meta.url).pathname
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' }
const BATCH = 1000
const SCRAPES = 20
const TURNS = 4
const CONNECTIONS = 8

const [keys = '100000', seconds = '5', base] = process.argv.slice(2)
await measureScrapes(Number(keys))
await measureEncrypt(Number(seconds))

async function measureScrapes(count: number): Promise<void> {
  const seed = fillSeed(firstAccount(), CREDENTIALS)
  const options = { host: '127.0.0.1', port: 0, regions: null, enforcement: 'enforce', throttle: 'off', seed } as const
  const server = await startEphemeral(options, pino({ level: 'silent' }))
  const { engine } = server.life()
  for (const region of COMMERCIAL_REGIONS) await engine.regions.open(region)
  const { KeyMetadata } = (await ask(server.url, CREDENTIALS, 'CreateKey', {})) as unknown as {
    KeyMetadata: { AWSAccountId: string; KeyId: string }
  }
  const store = (await engine.regions.open('us-east-1')).store
  const key = await store.reads.key(KeyMetadata.AWSAccountId, KeyMetadata.KeyId)
  if (key !== null) await fill(store, key, count)
  const collector = createCollector({
    engine,
    data: dataDirectory(tmpdir()),
    counts: createRequestCounts(),
    more: () => [],
    release: 'bench',
    onError: (error) => console.error(error),
  })
  const began = performance.now()
  const counting = await heldWhile(async () => {
    while (!(await collector.text()).includes('keyspan_keys{region="us-east-1"')) await setTimeout(20)
  })
  console.log(
    `${count} keys are counted once in ${((performance.now() - began) / 1000).toFixed(1)} s; the event loop was held ` +
      `for ${counting.toFixed(1)} ms at most.`,
  )
  const idle: number[] = []
  const held: number[] = []
  const took: number[] = []
  for (let index = 0; index < SCRAPES; index += 1) {
    idle.push(await heldWhile(() => setTimeout(100)))
    const start = performance.now()
    held.push(await heldWhile(() => collector.text()))
    took.push(performance.now() - start)
  }
  console.log(
    `A scrape of ${COMMERCIAL_REGIONS.length} Regions takes ${middle(took).toFixed(1)} ms and holds the event loop for ` +
      `${middle(held).toFixed(1)} ms (at most ${Math.max(...held).toFixed(1)} ms in ${SCRAPES}; ` +
      `where nobody scrapes ${middle(idle).toFixed(1)} ms, at most ${Math.max(...idle).toFixed(1)} ms).`,
  )
  await collector.stop()
  await server.stop()
}

async function fill(store: RegionStore, key: KeyRecord, count: number): Promise<void> {
  for (let start = 0; start < count; start += BATCH) {
    await store.transaction(async (writes) => {
      for (let index = start; index < start + BATCH; index += 1) {
        const id = `${String(index).padStart(8, '0')}-1234-1234-1234-123456789012`
        const rotation = index % 3 === 0 ? { periodDays: 365, nextAt: Date.now() + 30 * 86_400_000 + index } : null
        await writes.putKey({ ...key, id, rotation }, false)
      }
    })
  }
}

/** The longest turn of the event loop meanwhile, in milliseconds of processor time: others may use the machine too. */
async function heldWhile(work: () => Promise<unknown>): Promise<number> {
  const state = { isOver: false, longest: 0 }
  const watching = (async () => {
    while (!state.isOver) {
      const before = process.threadCpuUsage()
      await setImmediate()
      const { user, system } = process.threadCpuUsage(before)
      state.longest = Math.max(state.longest, (user + system) / 1000)
    }
  })()
  await work()
  state.isOver = true
  await watching
  return state.longest
}

interface Side {
  readonly name: string
  readonly main: string
  readonly flags: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

async function measureEncrypt(duration: number): Promise<void> {
  const collector = createServer((request, response) => request.resume().on('end', () => response.end('{}')))
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`
  const metrics = ['--metrics-port', '0']
  const one = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01' }
  const sides: readonly Side[] = [
    ...(base === undefined ? [] : [{ name: base, main: base, flags: [], environment: {} }]),
    { name: 'nobody watches', main: MAIN, flags: [], environment: {} },
    { name: 'metrics', main: MAIN, flags: metrics, environment: {} },
    {
      name: 'metrics, 1 % of traces',
      main: MAIN,
      flags: metrics,
      environment: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...one },
    },
    { name: 'metrics, all traces', main: MAIN, flags: metrics, environment: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } },
  ]
  const rates = new Map<string, number[]>(sides.map(({ name }) => [name, []]))
  for (let turn = 0; turn < TURNS; turn += 1) {
    // Each begins a turn as often as the others.
    const order = [...sides.slice(turn % sides.length), ...sides.slice(0, turn % sides.length)]
    for (const side of order) rates.get(side.name)?.push(await rateOf(side, duration))
  }
  const first = middle(rates.get(sides[0]?.name ?? '') ?? [])
  for (const { name } of sides) {
    const rate = middle(rates.get(name) ?? [])
    console.log(`${name.padEnd(28)} ${rate.toFixed(0).padStart(7)} Encrypt/s  ${(rate / first).toFixed(3)}`)
  }
  collector.closeAllConnections()
  collector.close()
}

async function rateOf({ main, flags, environment }: Side, duration: number): Promise<number> {
  const path = await mkdtemp(join(tmpdir(), 'keyspan-bench-'))
  Object.assign(process.env, environment)
  const args = [main, 'serve', '--data', path, '--port', '0', ...flags]
  try {
    await using server = await startServerUnderTest(process.execPath, args, /is ready at (\S+) /)
    for (const name of Object.keys(environment)) Reflect.deleteProperty(process.env, name)
    const credentials = await credentialsIn(path)
    const KeyId = await createKey({ url: server.url, credentials })
    const requests = await buildRequests(server.url, credentials, 'Encrypt', (index) => ({
      KeyId,
      Plaintext: Buffer.from(`plaintext ${index}`).toString('base64'),
    }))
    await load(server.url, requests, CONNECTIONS, 1)
    return (await load(server.url, requests, CONNECTIONS, duration)).perSecond
  } finally {
    await rm(path, { recursive: true, force: true })
  }
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
