import { createPublicKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { groupsOf, hasWycheproof, hex, type Result } from '../../../test/wycheproof.ts'
import { createSender } from '../sealing/hpke.ts'
import { verify } from '../region-signature.ts'

interface Verification {
  readonly publicKeyDer: string
  readonly tests: readonly {
    readonly tcId: number
    readonly msg: string
    readonly sig: string
    readonly result: Result
  }[]
}

interface Agreement {
  readonly tests: readonly {
    readonly tcId: number
    readonly public: string
    readonly result: Result
  }[]
}

function takes(point: Buffer): boolean {
  try {
    return createSender(point, Buffer.of()).enc.length === 97
  } catch {
    return false
  }
}

describe.skipIf(!hasWycheproof)('By the vectors of Wycheproof', () => {
  it('a signature is good or bad as they say', () => {
    const groups = groupsOf('ecdsa_secp384r1_sha384_p1363') as readonly Verification[]
    let count = 0
    for (const { publicKeyDer, tests } of groups) {
      for (const { tcId, msg, sig, result } of tests) {
        expect(verify(hex(publicKeyDer), hex(msg), hex(sig)), `vector ${tcId}`).toBe(result === 'valid')
        count += 1
      }
    }
    expect(count).toBeGreaterThan(250)
  })

  it('a signature by a key of another curve is none', () => {
    const groups = groupsOf('ecdsa_secp256r1_sha256') as readonly Verification[]
    const keys = groups.map(({ publicKeyDer }) => hex(publicKeyDer))
    expect(keys.length).toBeGreaterThan(10)
    for (const key of keys) {
      expect(createPublicKey({ key, format: 'der', type: 'spki' }).asymmetricKeyDetails?.namedCurve).toBe('prime256v1')
      expect(verify(key, Buffer.of(), Buffer.alloc(64))).toBe(false)
    }
  })

  it('HPKE takes the whole points of its curve, and nothing else', () => {
    const tests = (groupsOf('ecdh_secp384r1_ecpoint') as readonly Agreement[]).flatMap((group) => group.tests)
    const refused = tests.filter(({ result }) => result !== 'valid')
    expect(refused.length).toBeGreaterThan(15)
    for (const { tcId, public: point } of refused) expect(takes(hex(point)), `vector ${tcId}`).toBe(false)
    // A sender for each of the hundreds of good ones would take seconds and tell no more.
    const good = tests.filter(({ result }, index) => result === 'valid' && index % 20 === 0)
    expect(good.length).toBeGreaterThan(30)
    for (const { tcId, public: point } of good) expect(takes(hex(point)), `vector ${tcId}`).toBe(true)
  })
})
