import { createSecretKey } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { open, seal } from './symmetric.ts'

/** Project Wycheproof's vectors, where they lie beside the checkout. */
const folder = process.env['KEYSPAN_VECTORS'] ?? new URL('../../../shared/vectors/', import.meta.url).pathname
const file = `${folder}/wycheproof/aes_gcm_test.json`
const isThere = existsSync(file)
if (!isThere) console.warn(`SKIPPED: no Wycheproof vectors at ${file}. Set KEYSPAN_VECTORS to their folder.`)

interface Vectors {
  readonly testGroups: readonly {
    readonly ivSize: number
    readonly keySize: number
    readonly tagSize: number
    readonly tests: readonly {
      readonly tcId: number
      readonly key: string
      readonly iv: string
      readonly aad: string
      readonly msg: string
      readonly ct: string
      readonly tag: string
      readonly result: 'valid' | 'invalid' | 'acceptable'
    }[]
  }[]
}

const hex = (text: string) => Buffer.from(text, 'hex')

describe.skipIf(!isThere)('AES-256-GCM', () => {
  it('agrees with every vector of Wycheproof for its sizes', () => {
    const { testGroups } = JSON.parse(readFileSync(file, 'utf8')) as Vectors
    const groups = testGroups.filter(({ keySize, tagSize }) => keySize === 256 && tagSize === 128)
    const good: unknown[] = []
    const expected: unknown[] = []
    let count = 0
    for (const { ivSize, tests } of groups) {
      for (const { tcId, key, iv, aad, msg, ct, tag, result } of tests) {
        const secret = createSecretKey(hex(key))
        const opened = open(secret, hex(iv), hex(aad), hex(ct), hex(tag))
        const isGood = result === 'valid' && ivSize === 96
        expect(opened?.toString('hex') ?? null, `vector ${tcId}`).toBe(isGood ? msg : null)
        count += 1
        if (!isGood) continue
        const sealed = seal(secret, hex(iv), hex(aad), hex(msg))
        good.push([Buffer.concat(sealed.ciphertext).toString('hex'), sealed.tag.toString('hex')])
        expected.push([ct, tag])
      }
    }
    expect(count).toBeGreaterThan(60)
    expect(good).toEqual(expected)
    expect(good.length).toBeGreaterThan(30)
  })
})
