import { createSecretKey } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { computeMac, verifyMac } from './mac.ts'

/** Project Wycheproof's vectors, where they lie beside the checkout. */
const folder = process.env['KEYSPAN_VECTORS'] ?? new URL('../../../shared/vectors/', import.meta.url).pathname
const isThere = existsSync(`${folder}/wycheproof/hmac_sha256_test.json`)
if (!isThere) console.warn(`SKIPPED: no Wycheproof vectors in ${folder}. Set KEYSPAN_VECTORS to their folder.`)

interface Vectors {
  readonly testGroups: readonly {
    readonly tagSize: number
    readonly tests: readonly {
      readonly tcId: number
      readonly key: string
      readonly msg: string
      readonly tag: string
      readonly result: 'valid' | 'invalid'
    }[]
  }[]
}

const hex = (text: string) => Buffer.from(text, 'hex')

describe.skipIf(!isThere)('A MAC', () => {
  it.each([224, 256, 384, 512])('of HMAC_SHA_%i agrees with every vector of Wycheproof', (bits) => {
    const { testGroups } = JSON.parse(readFileSync(`${folder}/wycheproof/hmac_sha${bits}_test.json`, 'utf8')) as Vectors
    let count = 0
    for (const { tagSize, tests } of testGroups) {
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
