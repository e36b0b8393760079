import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { inThreadPool } from './thread-pool.ts'

type Done = (error: Error | null, result: string) => void

/** Work that ends when it is told to; `gone` are the results with which somebody has gone on. */
function works() {
  const ends: Done[] = []
  const gone: string[] = []
  const begin = async (): Promise<void> => {
    gone.push(await inThreadPool<string>((done) => void ends.push(done)))
  }
  return { ends, gone, begin }
}

describe('What ends in the thread pool', () => {
  it('goes on with all others that end in the same turn of the event loop', async () => {
    const { ends, gone, begin } = works()
    const all = Promise.all([begin(), begin(), begin()])
    ends[0]?.(null, 'one')
    // As Node goes on after each callback.
    await new Promise<void>((resolve) => process.nextTick(resolve))
    ends[1]?.(null, 'another')
    expect(gone).toEqual([])
    await nextTurn()
    expect(gone).toEqual(['one', 'another'])
    ends[2]?.(null, 'a later one')
    await all
    expect(gone).toEqual(['one', 'another', 'a later one'])
  })

  it('and has failed, is an error for whoever waits for it', async () => {
    const { ends, begin } = works()
    const waits = begin()
    ends[0]?.(new Error('no such key'), '')
    await expect(waits).rejects.toThrow('no such key')
  })
})
