import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Station } from '../regions/link.ts'
import type { PeerClients } from './peer-clients.ts'
import { createRemoteLinks } from './remote-links.ts'

const [EAST, WEST] = ['us-east-1', 'eu-west-1'] as const

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('who is asked and does not answer is not heard, long before asking fails', async () => {
  const answer = Promise.withResolvers<object>()
  const clients = { reached: () => [WEST], get: () => ({ region: WEST, ask: () => answer.promise }) }
  const links = createRemoteLinks(clients as unknown as PeerClients, () => {})
  const driver = { follow: (peer: { exchange: (pull: object) => Promise<unknown> }) => peer.exchange(pull) }
  const pull = { payload: Buffer.of(), signature: Buffer.of() }
  links.follow({ region: EAST, driver } as unknown as Station, { carry: (_source, _destination, ask) => ask() })
  const begun = Date.now()
  expect(links.statusOf(WEST)).toEqual([{ by: EAST, heardAt: null, failure: null }])
  vi.advanceTimersByTime(3000)
  const silence = { since: begun, reason: 'it was asked then, and has not answered yet' }
  expect(links.statusOf(WEST)).toEqual([{ by: EAST, heardAt: null, failure: silence }])
  answer.reject(new Error('it does not answer in time'))
  await vi.advanceTimersByTimeAsync(0)
  expect(links.statusOf(WEST)[0]?.failure).toEqual({ since: begun, reason: 'it does not answer in time' })
  await links.stop()
})
