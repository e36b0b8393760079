import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fingerprint, generateSigningKey, sign, verify } from './region-signature.ts'

describe('A Region’s signature', () => {
  const { privateKey, publicKey } = generateSigningKey()
  const bytes = Buffer.from('what was said')

  it('is good for what was signed, by whom it was signed', () => {
    const signature = sign(privateKey, bytes)
    expect(signature).toHaveLength(96)
    expect(verify(publicKey, bytes, signature)).toBe(true)
    expect(verify(publicKey, Buffer.from('something else'), signature)).toBe(false)
    expect(verify(generateSigningKey().publicKey, bytes, signature)).toBe(false)
  })

  it('is bad, and no exception, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.uint8Array({ maxLength: 120 }), (key, signature) => {
        expect(verify(key, bytes, signature)).toBe(false)
        expect(verify(publicKey, bytes, signature)).toBe(false)
      }),
    )
  })

  it('is by a key that has a name', () => {
    expect(fingerprint(publicKey)).toMatch(/^[0-9a-f]{64}$/)
    expect(fingerprint(publicKey)).not.toBe(fingerprint(generateSigningKey().publicKey))
  })
})
