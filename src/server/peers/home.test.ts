import { expect, it, vi } from 'vitest'
import { HomePutBackError } from './global-copy.ts'
import { createHome } from './home.ts'
import type { PeerClient } from './peer-client.ts'
import { PeerError } from './peer-error.ts'

it('tells once of a home that is out of reach, and once more where it comes back and was put back', async () => {
  const told = vi.fn<(error: unknown) => void>()
  let failure: Error | null = new PeerError('it cannot be reached')
  const copy = {
    heardAt: () => null,
    loss: () => null,
    catchUp: () => (failure ? Promise.reject(failure) : Promise.resolve()),
  }
  const home = createHome({ region: 'us-east-1' } as PeerClient, copy, told, () => {})
  const again = async (next: Error | null) => {
    failure = next
    await home.lookAgain()
  }
  await again(failure)
  expect(told).toHaveBeenCalledTimes(1)
  const putBack = new HomePutBackError('us-east-1')
  await again(putBack)
  await again(putBack)
  expect(told).toHaveBeenCalledTimes(2)
  expect(told).toHaveBeenLastCalledWith(putBack, expect.anything())
  expect(home.failure()?.reason).toContain('keyspan region home us-east-1')
  await again(null)
  expect(home.failure()).toBeNull()
  home.stop()
})
