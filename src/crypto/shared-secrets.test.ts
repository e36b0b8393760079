import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { groupsOf, hasWycheproof, hex, type Result } from '../../test/wycheproof.ts'
import { agree, readPeer } from './agreement.ts'
import { decapsulate } from './encapsulation.ts'
import { openKeyPair, type KeyPair } from './key-pair.ts'
import { decryptOaep } from './oaep.ts'

interface Oaep {
  readonly privateKeyPkcs8: string
  readonly tests: readonly { tcId: number; msg: string; ct: string; label: string; result: Result }[]
}
interface Ecdh {
  readonly tests: readonly { tcId: number; public: string; private: string; shared: string; result: Result }[]
}
interface Kem {
  readonly tests: readonly { tcId: number; seed: string; ek: string; c: string; K: string; result: Result }[]
}

const pairOf = (pkcs8: Buffer): KeyPair => openKeyPair(createSecretKey(pkcs8))

describe.skipIf(!hasWycheproof)('Decryption with RSA-OAEP', () => {
  it.each([
    ['rsa_oaep_2048_sha1_mgf1sha1', 'RSAES_OAEP_SHA_1'],
    ['rsa_oaep_2048_sha256_mgf1sha256', 'RSAES_OAEP_SHA_256'],
  ])('agrees with every vector of %s', async (name, algorithm) => {
    let good = 0
    for (const { privateKeyPkcs8, tests } of groupsOf(name) as readonly Oaep[]) {
      const pair = pairOf(hex(privateKeyPkcs8))
      for (const { tcId, msg, ct, label, result } of tests) {
        const isGood = result === 'valid' && label === ''
        const opened = await decryptOaep(pair, algorithm, hex(ct))
        expect(opened?.toString('hex') ?? null, `vector ${tcId}`).toBe(isGood ? msg : null)
        good += isGood ? 1 : 0
      }
    }
    expect(good).toBeGreaterThan(5)
  })
})

/** A key pair of its scalar alone: SEC 1, from which OpenSSL works out the public half. */
function scalarPair(scalar: string, bytes: number, oid: string): KeyPair {
  const d = Buffer.from(scalar.replace(/^(00)+/, '').padStart(bytes * 2, '0'), 'hex')
  const curve = hex(oid)
  const body = Buffer.concat([Buffer.of(2, 1, 1, 4, bytes), d, Buffer.of(0xa0, curve.length), curve])
  const der = Buffer.concat([Buffer.of(0x30, body.length), body])
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'sec1' })
  const publicKey = createPublicKey(privateKey)
  return { privateKey, publicKey, spki: publicKey.export({ format: 'der', type: 'spki' }) }
}

describe.skipIf(!hasWycheproof)('Key agreement', () => {
  it.each([
    ['ecdh_secp256r1', 32, '06082a8648ce3d030107'],
    ['ecdh_secp384r1', 48, '06052b81040022'],
    ['ecdh_secp521r1', 66, '06052b81040023'],
  ])('gives the secret of every valid vector of %s, and none for what is invalid', async (name, bytes, oid) => {
    let good = 0
    const pairs = new Map<string, KeyPair>()
    for (const { tests } of groupsOf(name) as readonly Ecdh[]) {
      for (const test of tests) {
        const pair = pairs.get(test.private) ?? scalarPair(test.private, bytes, oid)
        pairs.set(test.private, pair)
        const peer = readPeer(pair, hex(test.public))
        const shared = peer === null ? null : (await agree(pair, peer)).toString('hex')
        // What is "acceptable", such as a compressed point, may be refused.
        const allowed =
          test.result === 'valid' ? [test.shared] : test.result === 'invalid' ? [null] : [test.shared, null]
        expect(allowed, `vector ${test.tcId}`).toContain(shared)
        good += test.result === 'valid' ? 1 : 0
      }
    }
    expect(good).toBeGreaterThan(50)
  })
})

/** A value with its tag and its length in DER (X.690, section 8.1). */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const length = content.length < 0x80 ? [content.length] : [0x81, content.length]
  return Buffer.concat([Buffer.of(tag, ...length), content])
}

/** A private key of ML-KEM as PKCS#8 that holds a seed alone. */
function pkcs8OfSeed(set: 512 | 768 | 1024, seed: string): Buffer {
  const algorithm = hex(`300b06096086480165030404${{ 512: '01', 768: '02', 1024: '03' }[set]}`)
  return der(0x30, hex('020100'), algorithm, der(0x04, der(0x80, hex(seed))))
}

describe.skipIf(!hasWycheproof)('Decapsulation', () => {
  it.each([512, 768, 1024] as const)('agrees with every vector of ML-KEM-%i', (set) => {
    let good = 0
    for (const { tests } of groupsOf(`mlkem_${set}`) as readonly Kem[]) {
      for (const { tcId, seed, ek, c, K, result } of tests) {
        const open = () => pairOf(pkcs8OfSeed(set, seed))
        if (seed.length !== 128) {
          expect(open, `vector ${tcId}`).toThrow()
          continue
        }
        const pair = open()
        expect(pair.spki.toString('hex').endsWith(ek), `vector ${tcId}`).toBe(true)
        const secret = decapsulate(pair, hex(c))
        expect(secret?.toString('hex') ?? null, `vector ${tcId}`).toBe(result === 'valid' ? K : null)
        good += result === 'valid' ? 1 : 0
      }
    }
    expect(good).toBeGreaterThan(100)
  })
})
