import { describe, expect, it } from 'vitest'
import type { GlobalReads } from '../../storage/global-store.ts'
import type { GlobalHost } from '../global-host.ts'
import { createIdentities } from './identities.ts'

describe('What an organization means to an account', () => {
  it('is asked again after it could not be read', async () => {
    let failures = 1
    const document = () => {
      failures -= 1
      return failures >= 0 ? Promise.reject(new Error('the disk is away')) : Promise.resolve(null)
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of a store it needs no more
    const reads = new Proxy({}, { get: () => document }) as GlobalReads
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nor of a host
    const host = { store: { reads, onCommit: () => {} } } as unknown as GlobalHost
    const identities = createIdentities(host)
    await expect(identities.organization('111122223333')).rejects.toThrow('the disk is away')
    expect(await identities.organization('111122223333')).toBeNull()
  })
})
