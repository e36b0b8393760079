import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createStrangers, type Strangers } from './strangers.ts'

const LIMITS = { ms: 1000, inAll: 6, perNetwork: 3, perSecond: 20 }

let strangers: Strangers
let port = 0
beforeEach(() => {
  vi.useFakeTimers()
  strangers = createStrangers(LIMITS)
})
afterEach(() => vi.useRealTimers())

/** A connection from an address. */
function from(remoteAddress: string): Socket & { readonly gone: boolean } {
  const socket = Object.assign(new EventEmitter(), {
    remoteAddress,
    remotePort: (port += 1),
    gone: false,
    destroy() {
      socket.gone = true
      socket.emit('close')
    },
  })
  strangers.admit(socket as unknown as Socket)
  return socket as unknown as Socket & { readonly gone: boolean }
}

const goneOf = (sockets: readonly { readonly gone: boolean }[]) => sockets.map(({ gone }) => gone)

describe('Strangers', () => {
  it('of one network push out their own oldest', () => {
    const other = from('10.0.0.1')
    const own = ['10.0.0.2', '::ffff:10.0.0.2', '10.0.0.2', '10.0.0.2'].map(from)
    expect(goneOf([other, ...own])).toEqual([false, true, false, false, false])
  })

  it('of one IPv6 network are one, however it is written', () => {
    const own = ['2001:db8::1', '2001:db8:0:0:5::1', '2001:db8:0:0:ffff:1:2:3', '2001:db8::2'].map(from)
    const other = from('2001:db8:0:1::1')
    expect(goneOf([...own, other])).toEqual([true, false, false, false, false])
  })

  it('of many networks push out the oldest of all', () => {
    const many = Array.from({ length: 7 }, (_, index) => from(`10.0.0.${index}`))
    expect(goneOf(many)).toEqual([true, ...Array.from({ length: 6 }, () => false)])
  })

  it('end when their time is over, but for those who have proved who they are', () => {
    const [known, stranger] = [from('10.0.0.1'), from('10.0.0.2')]
    strangers.acknowledge(known)
    vi.advanceTimersByTime(LIMITS.ms)
    expect(goneOf([known, stranger])).toEqual([false, true])
    // Nor does anybody push them out.
    for (let count = 0; count < 10; count += 1) from('10.0.0.1')
    expect(known.gone).toBe(false)
    strangers.end()
    expect(known.gone).toBe(true)
  })

  it('come no faster than they may', () => {
    for (let count = 0; count < LIMITS.perSecond; count += 1) expect(from('10.0.0.1').gone).toBe(false)
    expect(from('10.0.0.1').gone).toBe(true)
    expect(from('10.0.0.2').gone).toBe(false)
    vi.advanceTimersByTime(1000)
    expect(from('10.0.0.1').gone).toBe(false)
  })
})
