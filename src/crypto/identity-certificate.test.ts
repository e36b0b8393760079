import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { identityCertificate } from './identity-certificate.ts'
import { generateSigningKey } from './region-signature.ts'

describe('The certificate of a Region', () => {
  it('is signed by the key that it names, and says whose it is', () => {
    const identity = generateSigningKey()
    const cert = identityCertificate('eu-west-1', identity)
    const read = new X509Certificate(cert)
    expect(read.publicKey.export({ format: 'der', type: 'spki' })).toEqual(identity.publicKey)
    expect(read.verify(read.publicKey)).toBe(true)
    expect(read.checkPrivateKey(identity.privateKey)).toBe(true)
    expect(read.subject).toBe('CN=eu-west-1')
    expect(read.validToDate.getUTCFullYear()).toBe(9999)
  })
})
