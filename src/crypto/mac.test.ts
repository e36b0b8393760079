import { createSecretKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { groupsOf, hasWycheproof, hex, type Result } from '../../test/wycheproof.ts'
import { computeMac, verifyMac } from './mac.ts'

interface Group {
  readonly tagSize: number
  readonly tests: readonly { tcId: number; key: string; msg: string; tag: string; result: Result }[]
}

describe.skipIf(!hasWycheproof)('A MAC', () => {
  it.each([224, 256, 384, 512])('of HMAC_SHA_%i agrees with every vector of Wycheproof', (bits) => {
    let count = 0
    for (const { tagSize, tests } of groupsOf(`hmac_sha${bits}`) as readonly Group[]) {
      for (const { tcId, key, msg, tag, result } of tests) {
        const secret = createSecretKey(hex(key))
        // A MAC that is cut short is none of KMS's.
        const isGood = result === 'valid' && tagSize === bits
        expect(verifyMac(secret, `HMAC_SHA_${bits}`, hex(msg), hex(tag)), `vector ${tcId}`).toBe(isGood)
        if (!isGood) continue
        expect(computeMac(secret, `HMAC_SHA_${bits}`, hex(msg)).toString('hex'), `vector ${tcId}`).toBe(tag)
        count += 1
      }
    }
    expect(count).toBeGreaterThan(30)
  })
})
