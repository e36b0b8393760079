/**
 * Watches the turns of a server's event loop from within: `NODE_OPTIONS=--import` loads it before the server.
 *
 * A turn is measured by the processor time of the main thread, so that others may use the machine too. They make the
 * same work cost more, by what they drive out of the caches: so the same thread does a piece of known work now and then.
 */
import { createHmac } from 'node:crypto'
import { createServer } from 'node:net'
import { PerformanceObserver } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

/** What is told of the turns since the last time. Times are of the main thread's processor, in milliseconds. */
export interface Turns {
  /** Those of more than a millisecond, without what collecting garbage took of them. */
  readonly long: readonly number[]
  /** What the known work took, each time that it was done. */
  readonly known: readonly number[]
}

/** So long at least is what is measured: several turns where they are shorter. */
const SHORTEST_MS = 0.5
const NOTED_MS = 1
const KNOWN_EVERY_MS = 100
/** Collections of garbage are told of a moment after they were. */
const TOLD_MS = 50

interface Span {
  readonly from: number
  readonly to: number
  readonly spent: number
}

const never = new Int32Array(new SharedArrayBuffer(4))

const socket = process.env['KEYSPAN_TEST_TURNS']
if (isMainThread && socket !== undefined) watch(socket)

/** Tells whoever connects to the socket of the turns since the one before, as JSON. */
function watch(path: string): void {
  let noted: Span[] = []
  let known: number[] = []
  let collections: { from: number; took: number }[] = []
  const observer = new PerformanceObserver((list) => {
    collections.push(...list.getEntries().map(({ startTime, duration }) => ({ from: startTime, took: duration })))
  })
  observer.observe({ entryTypes: ['gc'] })

  let from = performance.now()
  let before = spentSoFar()
  let knownAt = from
  const turn = (): void => {
    setImmediate(turn)
    const to = performance.now()
    if (to - from < SHORTEST_MS) return
    const spent = spentSoFar() - before
    if (spent > NOTED_MS) noted.push({ from, to, spent })
    if (to - knownAt > KNOWN_EVERY_MS) {
      known.push(doKnownWork())
      knownAt = to
    }
    from = performance.now()
    before = spentSoFar()
  }
  setImmediate(turn)

  /** What is left without the collections within. They are told by the clock: rather too much is taken away than too little. */
  const withoutCollections = ({ from, to, spent }: Span): number =>
    collections
      .filter((each) => each.from >= from && each.from < to)
      .reduce((left, { took }) => Math.max(0, left - took), spent)
  const server = createServer((connection) => {
    setTimeout(() => {
      connection.end(JSON.stringify({ long: noted.map(withoutCollections), known } satisfies Turns))
      noted = []
      known = []
      collections = []
    }, TOLD_MS)
  })
  server.listen(path)
  server.unref()
}

/** Processor time of this thread, in milliseconds. Linux counts it at its ticks, and when the thread stands still: so it does. */
function spentSoFar(): number {
  Atomics.wait(never, 0, 0, 0.02)
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** Some of what a server does all the time: MACs, and texts to and from JSON. About a millisecond where nobody else is. */
function doKnownWork(): number {
  const before = spentSoFar()
  let text = JSON.stringify({ key: 'value' })
  for (let left = 450; left > 0; left -= 1) {
    const mac = createHmac('sha256', 'key').update(text).digest('hex')
    text = JSON.stringify({ ...(JSON.parse(text) as object), mac })
  }
  return spentSoFar() - before
}
