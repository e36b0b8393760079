import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { identityCertificate, isSuccessor, succeededBy } from './identity-certificate.ts'
import { generateSigningKey } from './region-signature.ts'

describe('The certificate of a Region', () => {
  it('is signed by the key that it names, and says whose it is', () => {
    const identity = generateSigningKey()
    const cert = identityCertificate('eu-west-1', identity.publicKey, identity.privateKey)
    const read = new X509Certificate(cert)
    expect(read.publicKey.export({ format: 'der', type: 'spki' })).toEqual(identity.publicKey)
    expect(read.verify(read.publicKey)).toBe(true)
    expect(read.checkPrivateKey(identity.privateKey)).toBe(true)
    expect(read.subject).toBe('CN=eu-west-1')
    expect(read.validToDate.getUTCFullYear()).toBe(9999)
  })
})

describe('A succession', () => {
  const keys = Array.from({ length: 5 }, generateSigningKey)
  const [first, second, third, fourth, stranger] = keys as [Key, Key, Key, Key, Key]
  const certify = (key: Key, signer: Key) => identityCertificate('eu-west-1', key.publicKey, signer.privateKey)
  const chain = [certify(fourth, third), certify(third, second), certify(second, first), certify(first, first)]

  it('leads from each identity to those after it, and to no other', () => {
    for (const former of [first, second, third]) {
      expect(isSuccessor(fourth.publicKey, chain, former.publicKey)).toBe(true)
    }
    expect(isSuccessor(fourth.publicKey, chain, fourth.publicKey)).toBe(false)
    expect(isSuccessor(fourth.publicKey, chain, stranger.publicKey)).toBe(false)
    expect(isSuccessor(stranger.publicKey, chain, first.publicKey)).toBe(false)
    expect(isSuccessor(first.publicKey, chain.toReversed(), fourth.publicKey)).toBe(false)
  })

  it('is none where a certificate is left out, is of somebody else, or cannot be read', () => {
    const known = first.publicKey
    expect(isSuccessor(fourth.publicKey, chain.toSpliced(1, 1), known)).toBe(false)
    expect(isSuccessor(stranger.publicKey, [certify(stranger, stranger), ...chain], known)).toBe(false)
    expect(isSuccessor(fourth.publicKey, chain.with(2, certify(second, stranger)), known)).toBe(false)
    expect(isSuccessor(fourth.publicKey, chain.with(2, Buffer.of(1)), known)).toBe(false)
    expect(isSuccessor(fourth.publicKey, [], known)).toBe(false)
  })

  it('tells of 32 identities before, and forgets the oldest', () => {
    let [key, told] = [first, [certify(first, first)] as readonly Buffer[]]
    for (let count = 0; count < 33; count += 1) {
      const next = generateSigningKey()
      told = succeededBy(certify(next, key), told)
      if (count === 31) expect(isSuccessor(next.publicKey, told, first.publicKey)).toBe(true)
      key = next
    }
    expect(told.length).toBe(33)
    expect(isSuccessor(key.publicKey, told, first.publicKey)).toBe(false)
  })
})

type Key = ReturnType<typeof generateSigningKey>
