import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLease } from './lease.ts'
import { createLeases } from './leases.ts'
import type { News } from './news.ts'

const TERMS = { ms: 3000, patience: 500, most: () => Infinity, node: 'leader' }
const KEY: News = { place: 'us-east-1', touched: [{ account: '111122223333', keyId: 'k' }] }

/** Whether a promise is kept by now. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  await vi.advanceTimersByTimeAsync(0)
  return Promise.race([promise.then(() => true), Promise.resolve(false).then((kept) => kept)])
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('Leases', () => {
  it('make a change wait until each follower has said that it has heard of it', async () => {
    const leases = createLeases(TERMS)
    leases.begin('a', 'one')
    leases.begin('b', 'two')
    const [a, b] = [leases.renew('a', 0), leases.renew('b', 0)]
    const told = leases.tell(KEY)
    expect(await a).toEqual({ ms: 3000, upTo: 1, news: [KEY] })
    expect(await b).toMatchObject({ news: [KEY] })
    void leases.renew('a', 1)
    expect(await isDone(told)).toBe(false)
    void leases.renew('b', 1)
    expect(await isDone(told)).toBe(true)
  })

  it('make it wait for one that does not answer for the lease, and no longer; that one begins anew', async () => {
    const leases = createLeases(TERMS)
    leases.begin('a', 'one')
    await vi.advanceTimersByTimeAsync(1000)
    const told = leases.tell(KEY)
    await vi.advanceTimersByTimeAsync(1999)
    expect(await isDone(told)).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(await isDone(told)).toBe(true)
    expect(await leases.renew('a', 1)).toBeNull()
    expect(await isDone(leases.tell(KEY))).toBe(true)
  })

  it('tell again what an answer that was lost has told, and a change waits meanwhile', async () => {
    const leases = createLeases(TERMS)
    leases.begin('a', 'one')
    const told = leases.tell(KEY)
    expect(await leases.renew('a', 0)).toMatchObject({ upTo: 1, news: [KEY] })
    expect(await leases.renew('a', 0)).toMatchObject({ upTo: 1, news: [KEY] })
    expect(await isDone(told)).toBe(false)
    void leases.renew('a', 1)
    expect(await isDone(told)).toBe(true)
  })

  it('go on where nothing has changed since they were over', async () => {
    const leases = createLeases(TERMS)
    leases.begin('a', 'one')
    await vi.advanceTimersByTimeAsync(60_000)
    const renewed = leases.renew('a', 0)
    await vi.advanceTimersByTimeAsync(500)
    expect(await renewed).toEqual({ ms: 3000, upTo: 0, news: [] })
  })

  it('last no longer than whoever gives them can promise anything', async () => {
    let left = 1200
    const leases = createLeases({ ...TERMS, most: () => left })
    expect(leases.begin('a', 'one')).toMatchObject({ ms: 1200 })
    left = -5
    const renewed = leases.renew('a', 0)
    await vi.advanceTimersByTimeAsync(500)
    expect(await renewed).toMatchObject({ ms: 0 })
    expect(leases.begin('b', 'two')).toMatchObject({ refused: expect.any(String) as string })
    const told = leases.tell(KEY)
    await vi.advanceTimersByTimeAsync(699)
    expect(await isDone(told)).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(await isDone(told)).toBe(true)
  })

  it('let nobody read while somebody works alone', async () => {
    const leases = createLeases(TERMS)
    leases.begin('a', 'one')
    const renewed = leases.renew('a', 0)
    const work = Promise.withResolvers<string>()
    let isAlone = false
    const alone = leases.alone(() => {
      isAlone = true
      return work.promise
    })
    expect(await renewed).toMatchObject({ news: [{ place: 'all' }] })
    expect(isAlone).toBe(false)
    void leases.renew('a', 1)
    await vi.advanceTimersByTimeAsync(0)
    expect(isAlone).toBe(true)
    expect(leases.begin('a', 'one')).toMatchObject({ refused: expect.any(String) as string })
    work.resolve('done')
    expect(await alone).toBe('done')
    expect(leases.begin('a', 'one')).toMatchObject({ ms: 3000 })
  })

  it('are for one process of a name', async () => {
    const leases = createLeases(TERMS)
    expect(leases.begin('a', 'leader')).toMatchObject({ refused: expect.stringContaining('leader') as string })
    leases.begin('a', 'one')
    expect(leases.begin('b', 'one')).toMatchObject({ refused: expect.stringContaining('copied') as string })
    // One that was killed, and started again.
    await vi.advanceTimersByTimeAsync(3000)
    expect(leases.begin('b', 'one')).toMatchObject({ ms: 3000 })
  })

  it('tell one that has missed too much to begin anew', async () => {
    const leases = createLeases(TERMS)
    leases.begin('a', 'one')
    for (let count = 0; count <= 10_000; count += 1) void leases.tell(KEY)
    expect(await leases.renew('a', 0)).toMatchObject({ news: [{ place: 'all' }] })
  })
})

describe('A lease as its follower has it', () => {
  it('is measured from before it was asked for, and a bit shorter than it was given', async () => {
    const lease = createLease()
    expect(lease.isGood()).toBe(false)
    const askedAt = performance.now()
    await vi.advanceTimersByTimeAsync(1000)
    lease.extend(askedAt, { ms: 3000 })
    await vi.advanceTimersByTimeAsync(1699)
    expect(lease.isGood()).toBe(true)
    await vi.advanceTimersByTimeAsync(1)
    expect(lease.isGood()).toBe(false)
    // An answer that was waited for too long gives nothing.
    lease.extend(askedAt, { ms: 2000 })
    expect(lease.isGood()).toBe(false)
    lease.extend(performance.now(), { ms: 3000 })
    expect(lease.isGood()).toBe(true)
    lease.end()
    lease.extend(performance.now(), { ms: 3000 })
    expect(lease.isGood()).toBe(false)
  })
})
