import { createHmac, createSecretKey } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lengthPrefixed } from './canonical.ts'
import { deriveBytes } from './kdf.ts'

const hex = (value: number) => value.toString(16).padStart(8, '0')

/** SP 800-108r1, section 4.1, word by word: K(i) = PRF(KI, [i] || Label || 0x00 || Context || [L]). */
function reference(key: Buffer, label: string, context: Uint8Array, bytes: number): string {
  let result = ''
  for (let i = 1; result.length < bytes * 2; i += 1) {
    const input = `${hex(i)}${Buffer.from(label).toString('hex')}00${Buffer.from(context).toString('hex')}${hex(bytes * 8)}`
    result += createHmac('sha256', key).update(input, 'hex').digest('hex')
  }
  return result.slice(0, bytes * 2)
}

describe('deriveBytes', () => {
  it('is the counter-mode KDF of SP 800-108', () => {
    const label = fc.string({ unit: fc.constantFrom('a', 'k', '/', '1') })
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 64 }),
        label,
        fc.uint8Array({ maxLength: 80 }),
        fc.integer({ min: 1, max: 200 }),
        (key, text, context, length) => {
          const derived = deriveBytes(createSecretKey(key), text, context, length)
          expect(derived.toString('hex')).toBe(reference(Buffer.from(key), text, context, length))
        },
      ),
    )
  })
})

const normal = (fields: readonly (string | Uint8Array)[]) =>
  JSON.stringify(fields.map((each) => Buffer.from(each).toString('hex')))

describe('lengthPrefixed', () => {
  it('gives different lists different encodings', () => {
    const field = fc.oneof(fc.string({ maxLength: 4 }), fc.uint8Array({ maxLength: 4 }))
    fc.assert(
      fc.property(fc.array(field, { maxLength: 4 }), fc.array(field, { maxLength: 4 }), (a, b) => {
        expect(lengthPrefixed(...a).equals(lengthPrefixed(...b))).toBe(normal(a) === normal(b))
      }),
    )
  })

  it('gives numbers their width, and refuses those that do not fit', () => {
    expect(lengthPrefixed(1).toString('hex')).toBe('0000000400000001')
    expect(lengthPrefixed(1n).toString('hex')).toBe('000000080000000000000001')
    for (const value of [-1, 2 ** 32, 0.5, -1n, 2n ** 64n]) expect(() => lengthPrefixed(value)).toThrow(RangeError)
  })
})
