import { describe, expect, it } from 'vitest'
import type { WireRequest, WireResponse } from '../../protocol/wire.ts'
import { whileHeld } from './while-held.ts'

const request = { path: '/', headers: {} } as WireRequest
const answer: WireResponse = { status: 200, headers: {}, body: 'found' }

describe('A server that others may take over from', () => {
  it('answers only what it has found while it was the one that serves', async () => {
    let isHeld = true
    let handled = 0
    const handle = whileHeld(
      () => isHeld,
      async () => {
        handled += 1
        return answer
      },
    )
    expect(await handle(request)).toBe(answer)
    isHeld = false
    expect(await handle(request)).toMatchObject({ status: 503, headers: { 'Retry-After': '1' } })
    expect(handled).toBe(1)
  })

  it('keeps back an answer that comes when it is the one no more', async () => {
    let isHeld = true
    const handle = whileHeld(
      () => isHeld,
      async () => {
        isHeld = false
        return answer
      },
    )
    expect(await handle(request)).toMatchObject({ status: 503 })
  })

  it('calls it no fault that it could not do something any more', async () => {
    let isHeld = true
    const handle = whileHeld(
      () => isHeld,
      () => {
        isHeld = false
        return Promise.reject(new Error('the connection has ended'))
      },
    )
    expect(await handle(request)).toMatchObject({ status: 503 })
    const failing = whileHeld(
      () => true,
      () => Promise.reject(new Error('a fault')),
    )
    await expect(failing(request)).rejects.toThrow('a fault')
  })
})
