import { describe, expect, it } from 'vitest'
import type { GlobalReads } from '../../storage/global-store.ts'
import type { GlobalHost } from '../global-host.ts'
import { createIdentities } from './identities.ts'

/** Identities in a store that answers every question with `document`. */
function identitiesOf(document: () => Promise<null>, onCommit: (listener: () => void) => void = () => {}) {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of a store it needs no more
  const reads = new Proxy({}, { get: () => document }) as GlobalReads
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nor of a host
  return createIdentities({ store: { reads, onCommit } } as unknown as GlobalHost)
}

describe('What an organization means to an account', () => {
  it('is asked again after it could not be read', async () => {
    let failures = 1
    const identities = identitiesOf(() => {
      failures -= 1
      return failures >= 0 ? Promise.reject(new Error('the disk is away')) : Promise.resolve(null)
    })
    await expect(identities.organization('111122223333')).rejects.toThrow('the disk is away')
    expect(await identities.organization('111122223333')).toBeNull()
  })

  it('is told at once until something is committed, also where that is while it is read', async () => {
    let commit = () => {}
    const identities = identitiesOf(
      () => Promise.resolve(null),
      (listener) => (commit = listener),
    )
    expect(await identities.organization('111122223333')).toBeNull()
    expect(identities.organization('111122223333')).toBeNull()
    commit()
    const reading = identities.organization('111122223333')
    expect(reading).toBeInstanceOf(Promise)
    commit()
    await reading
    expect(identities.organization('111122223333')).toBeInstanceOf(Promise)
  })
})
