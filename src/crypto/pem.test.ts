import { createPrivateKey } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { privateKeyPem } from './pem.ts'
import { generateSigningKey } from './region-signature.ts'

describe('A private key in PEM', () => {
  it('is the one that it was', () => {
    const { privateKey } = generateSigningKey()
    const der = privateKey.export({ format: 'der', type: 'pkcs8' })
    expect(createPrivateKey(privateKeyPem(der)).equals(privateKey)).toBe(true)
  })

  it('is base64, whatever its length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(privateKeyPem(bytes).toString().split('\n')[1]).toBe(Buffer.from(bytes).toString('base64'))
      }),
    )
  })
})
