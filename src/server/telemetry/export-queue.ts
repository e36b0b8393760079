/** How many things wait at most; what comes when so many do is dropped. */
const LIMIT = 2048
/** How many are sent at once. */
const BATCH = 512
/** How long things are gathered before they are sent, in milliseconds. */
const GATHER_MS = 1000
/** How long it takes to try again: twice as long each time, up to half a minute. */
const RETRY_MS = { first: 1000, last: 30_000 }

/** What a collector has to say of what was sent to it. */
export type Verdict = 'taken' | 'refused' | 'later'

/** What became of what was to be sent. */
export interface QueueCounts {
  readonly sent: number
  readonly dropped: number
}

/** Sends things in batches, behind whoever makes them: nobody waits for it, and it holds little. */
export interface ExportQueue<Item> {
  push(item: Item): void
  readonly counts: () => QueueCounts
  /** Sends what is left, once. */
  stop(): Promise<void>
}

/** A queue to a collector. `send` never throws. */
export function createExportQueue<Item>(send: (items: readonly Item[]) => Promise<Verdict>): ExportQueue<Item> {
  let waiting: Item[] = []
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> | null = null
  let pause = RETRY_MS.first
  let isStopped = false
  const counts = { sent: 0, dropped: 0 }

  function plan(delay: number): void {
    if (timer !== null || isStopped) return
    timer = setTimeout(() => {
      timer = null
      running = runOnce()
    }, delay)
    timer.unref()
  }
  async function sendOnce(): Promise<Verdict> {
    const batch = waiting.slice(0, BATCH)
    const verdict = await send(batch)
    if (verdict === 'later') return verdict
    waiting = waiting.slice(batch.length)
    counts[verdict === 'taken' ? 'sent' : 'dropped'] += batch.length
    return verdict
  }
  async function runOnce(): Promise<void> {
    const verdict = await sendOnce()
    running = null
    if (verdict !== 'later') pause = RETRY_MS.first
    if (waiting.length > 0) plan(verdict === 'later' ? pause : waiting.length < BATCH ? GATHER_MS : 0)
    if (verdict === 'later') pause = Math.min(pause * 2, RETRY_MS.last)
  }

  return {
    push(item) {
      if (waiting.length >= LIMIT) {
        counts.dropped += 1
        return
      }
      waiting.push(item)
      if (running === null) plan(GATHER_MS)
    },
    counts: () => ({ ...counts }),
    async stop() {
      isStopped = true
      if (timer !== null) clearTimeout(timer)
      await running
      while (waiting.length > 0 && (await sendOnce()) !== 'later');
      counts.dropped += waiting.length
      waiting = []
    },
  }
}
