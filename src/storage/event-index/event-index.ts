import { Worker } from 'node:worker_threads'
import type { EventQuery, FoundEvents } from './find-events.ts'
import type { LogState, LookupAnswer, Told } from './event-index-worker.ts'

/** An index of audit logs, made in the background by a thread. It begins with what is first told or asked. */
export interface EventIndex {
  /** Says how far the logs go that are to be indexed, and since which day, as `YYYY-MM-DD`. */
  follow(logs: readonly LogState[], since: string): void
  /**
   * Finds events in what is synced of the logs, waiting a while for the index of it.
   *
   * @param day the first that is asked for, as `YYYY-MM-DD`
   * @throws IndexBehindError where the index is not made so far yet
   */
  find(logs: readonly LogState[], since: string, query: EventQuery, day: string): Promise<FoundEvents>
  stop(): Promise<void>
}

/** The index is being made. */
export class IndexBehindError extends Error {
  /** How many files of the logs it lacks. */
  readonly missing: number

  constructor(missing: number) {
    super(`The index of the audit log lacks ${missing} files.`)
    this.missing = missing
  }
}

/** How long a lookup waits for the index, in milliseconds: clients wait for a minute. */
const PATIENCE_MS = 20_000
/**
 * What the thread's JavaScript may hold, in MB. It needs a tenth of it; what it makes of a record is forgotten at once,
 * so that little room is collected as seldom as much would be felt.
 */
const HEAP = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 6 }

/** The thread's file is beside this one, and ends as it does: `.ts` in the sources, `.cjs` in the bundle. */
const WORKER = new URL(`event-index-worker${/\.\w+$/.exec(import.meta.url)?.[0]}`, import.meta.url)

interface Waiter {
  resolve(found: FoundEvents): void
  reject(error: unknown): void
}

/**
 * An index without a thread yet.
 *
 * @param onError told where the thread has failed; the next call starts another
 */
export function createEventIndex(onError: (error: unknown) => void): EventIndex {
  const waiters = new Map<number, Waiter>()
  let worker: Worker | null = null
  let isStopped = false
  let asked = 0
  let reported = ''

  /** Once for each reason, not for each try. */
  function report(error: Error): void {
    if (error.message !== reported) onError(error)
    reported = error.message
  }
  function fail(error: unknown): void {
    for (const waiter of waiters.values()) waiter.reject(error)
    waiters.clear()
  }
  function start(): Worker {
    const started = new Worker(WORKER, { resourceLimits: HEAP })
    started.unref()
    started.on('message', ({ id, result }: LookupAnswer) => {
      if (id === null && result instanceof Error) report(result)
      const waiter = id === null ? undefined : waiters.get(id)
      if (id !== null) waiters.delete(id)
      if (result instanceof Error) waiter?.reject(result)
      else if ('missing' in result) waiter?.reject(new IndexBehindError(result.missing))
      else waiter?.resolve(result)
    })
    started.on('error', (error) => {
      if (worker === started) worker = null
      fail(error)
      onError(error)
    })
    return started
  }
  function tell(news: Told): void {
    if (isStopped) throw new Error('The index is closed: the server stops.')
    worker ??= start()
    worker.postMessage(news)
  }

  return {
    follow: (logs, since) => tell({ logs, since, lookup: null }),
    find: (logs, since, query, day) =>
      new Promise((resolve, reject) => {
        const id = (asked += 1)
        tell({ logs, since, lookup: { id, query, day, patience: PATIENCE_MS } })
        waiters.set(id, { resolve, reject })
      }),
    async stop() {
      isStopped = true
      await worker?.terminate()
      fail(new Error('The server stops.'))
    },
  }
}
