import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startLastUseLoop } from './last-use-loop.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function region(flush: () => Promise<void>) {
  const lastUses = { since: 0, note: () => {}, lastUse: async () => null, flush }
  return { region: 'us-east-1' as const, lastUses }
}

describe('The loop that writes last uses', () => {
  it('writes those of each Region every two seconds, and once more when it stops', async () => {
    const flushed: string[] = []
    const of = (name: string) => region(async () => void flushed.push(name))
    const loop = startLastUseLoop([of('one'), of('two')], () => {})
    await vi.advanceTimersByTimeAsync(1999)
    expect(flushed).toEqual([])
    await vi.advanceTimersByTimeAsync(2001)
    expect(flushed).toEqual(['one', 'two', 'one', 'two'])
    await loop.stop()
    expect(flushed).toHaveLength(6)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(flushed).toHaveLength(6)
  })

  it('goes on where one Region fails, and says which', async () => {
    const flushed: string[] = []
    const failed: string[] = []
    const broken = region(() => Promise.reject(new Error('disk full')))
    const loop = startLastUseLoop([broken, region(async () => void flushed.push('two'))], (error, what) =>
      failed.push(`${what}: ${String(error)}`),
    )
    await vi.advanceTimersByTimeAsync(2000)
    await loop.stop()
    expect(flushed).toEqual(['two', 'two'])
    expect(failed[0]).toBe('last uses of keys in us-east-1: Error: disk full')
  })
})
