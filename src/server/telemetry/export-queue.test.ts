import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createExportQueue, type Verdict } from './export-queue.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A queue to a collector that says what it is told to say. */
function queueTo(answer: () => Verdict) {
  const batches: (readonly number[])[] = []
  const queue = createExportQueue<number>(async (items) => {
    batches.push(items)
    return answer()
  })
  return { queue, batches }
}

describe('A queue to a collector', () => {
  it('gathers what comes within a second', async () => {
    const { queue, batches } = queueTo(() => 'taken')
    for (const item of [1, 2, 3]) queue.push(item)
    expect(batches).toEqual([])
    await vi.advanceTimersByTimeAsync(1000)
    expect(batches).toEqual([[1, 2, 3]])
    expect(queue.counts()).toEqual({ sent: 3, dropped: 0 })
  })

  it('holds so many and no more while the collector is away, and counts what it drops', async () => {
    let verdict: Verdict = 'later'
    const { queue, batches } = queueTo(() => verdict)
    for (let item = 0; item < 5000; item += 1) queue.push(item)
    expect(queue.counts()).toEqual({ sent: 0, dropped: 5000 - 2048 })
    await vi.advanceTimersByTimeAsync(60_000)
    // At 1 second, and then after 1, 2, 4, 8, 16 and 30.
    expect(batches).toHaveLength(6)
    verdict = 'taken'
    await vi.advanceTimersByTimeAsync(60_000)
    expect(queue.counts()).toEqual({ sent: 2048, dropped: 5000 - 2048 })
    expect(batches.slice(6).flat()).toEqual(Array.from({ length: 2048 }, (_, item) => item))
  })

  it('drops what a collector refuses, and goes on', async () => {
    const answers: Verdict[] = ['refused', 'taken']
    const { queue } = queueTo(() => answers.shift() ?? 'later')
    queue.push(1)
    await vi.advanceTimersByTimeAsync(1000)
    queue.push(2)
    await vi.advanceTimersByTimeAsync(1000)
    expect(queue.counts()).toEqual({ sent: 1, dropped: 1 })
  })

  it('sends at the end what is left, once', async () => {
    const { queue, batches } = queueTo(() => 'later')
    queue.push(1)
    await queue.stop()
    expect(batches).toEqual([[1]])
    expect(queue.counts()).toEqual({ sent: 0, dropped: 1 })
  })
})
