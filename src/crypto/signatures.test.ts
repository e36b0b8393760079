import { createHash, createPublicKey } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { groupsOf, hasWycheproof, hex, type Result } from '../../test/wycheproof.ts'
import { decodeEcdsa } from './ecdsa-encoding.ts'
import { generatePrivateKey, materialOfPrivateKey, openKeyPair, type KeyPair } from './key-pair.ts'
import { fromBytes, multiplySecret, toBytes } from './modular.ts'
import { signDigest, verifyDigest } from './sign-digest.ts'
import { signMessage, verifyMessage } from './sign-message.ts'
import { signatureScheme } from './signature-scheme.ts'

interface Group {
  readonly publicKeyDer: string
  readonly tests: readonly {
    readonly tcId: number
    readonly msg: string
    readonly sig: string
    readonly ctx?: string
    readonly flags: readonly string[]
    readonly result: Result
  }[]
}

/** A pair of which only the public half is known: verification of RSA and of messages needs no more. */
function publicPair(der: string): KeyPair | null {
  try {
    const publicKey = createPublicKey({ key: hex(der), format: 'der', type: 'spki' })
    return { privateKey: publicKey, publicKey, spki: hex(der) }
  } catch {
    return null
  }
}

const FILES: readonly [string, string, number][] = [
  ['ecdsa_secp256r1_sha256', 'ECDSA_SHA_256', 100],
  ['ecdsa_secp256k1_sha256', 'ECDSA_SHA_256', 100],
  ['ecdsa_secp384r1_sha384', 'ECDSA_SHA_384', 100],
  ['ecdsa_secp521r1_sha512', 'ECDSA_SHA_512', 100],
  ['ed25519', 'ED25519_SHA_512', 50],
  ['mldsa_44_verify', 'ML_DSA_SHAKE_256', 10],
  ['mldsa_65_verify', 'ML_DSA_SHAKE_256', 10],
  ['mldsa_87_verify', 'ML_DSA_SHAKE_256', 10],
  ['rsa_signature_2048_sha256', 'RSASSA_PKCS1_V1_5_SHA_256', 5],
  ['rsa_signature_3072_sha384', 'RSASSA_PKCS1_V1_5_SHA_384', 5],
  ['rsa_signature_4096_sha512', 'RSASSA_PKCS1_V1_5_SHA_512', 5],
  ['rsa_pss_2048_sha256_mgf1_32', 'RSASSA_PSS_SHA_256', 30],
]

describe.skipIf(!hasWycheproof)('Verification', () => {
  it.each(FILES)('agrees with every vector of %s', async (name, algorithm, least) => {
    const scheme = signatureScheme(algorithm)
    let good = 0
    for (const { publicKeyDer, tests } of groupsOf(name) as readonly Group[]) {
      const pair = publicPair(publicKeyDer)
      for (const { tcId, msg, sig, ctx = '', flags, result } of tests) {
        // "Acceptable" are PKCS#1 signatures without the NULL; KMS's context is always empty.
        const isGood = result === 'valid' && ctx === '' && pair !== null
        const seen = pair !== null && (await verifyMessage(pair, scheme, hex(msg), hex(sig)))
        expect(seen, `vector ${tcId} ${flags.join(' ')}`).toBe(isGood)
        good += isGood ? 1 : 0
        if (scheme.kind === 'pure' || pair === null) continue
        const digest = createHash(scheme.hash).update(hex(msg)).digest()
        if (scheme.kind !== 'ecdsa') expect(verifyDigest(pair, scheme, digest, hex(sig)), `vector ${tcId}`).toBe(isGood)
        else if (isGood) expect(decodeEcdsa(hex(sig)), `vector ${tcId}`).not.toBeNull()
        else if (flags.includes('BerEncodedSignature')) expect(decodeEcdsa(hex(sig)), `vector ${tcId}`).toBeNull()
      }
    }
    expect(good).toBeGreaterThan(least)
  })
})

const KINDS = [
  [{ type: 'ec', curve: 'P-256' }, 'ECDSA_SHA_256'],
  [{ type: 'ec', curve: 'secp256k1' }, 'ECDSA_SHA_256'],
  [{ type: 'ec', curve: 'P-384' }, 'ECDSA_SHA_384'],
  [{ type: 'ec', curve: 'P-521' }, 'ECDSA_SHA_512'],
  [{ type: 'rsa', bits: 2048 }, 'RSASSA_PKCS1_V1_5_SHA_256'],
  [{ type: 'rsa', bits: 2048 }, 'RSASSA_PSS_SHA_384'],
  [{ type: 'rsa', bits: 2048 }, 'RSASSA_PSS_SHA_512'],
] as const

describe('A signature of a digest', () => {
  it.each(KINDS)('by %j with %s is one of the message, and the other way round', async (recipe, algorithm) => {
    const pair = openKeyPair(materialOfPrivateKey(await generatePrivateKey(recipe)))
    const scheme = signatureScheme(algorithm)
    if (scheme.kind === 'pure') throw new Error('These sign digests.')
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.nat(), async (message, place) => {
        const digest = createHash(scheme.hash).update(message).digest()
        const ofDigest = signDigest(pair, scheme, digest)
        const ofMessage = await signMessage(pair, scheme, message)
        if (ofDigest === null) throw new Error('A hash is not zero.')
        expect(await verifyMessage(pair, scheme, message, ofDigest)).toBe(true)
        expect(verifyDigest(pair, scheme, digest, ofMessage)).toBe(true)
        const spoiled = Buffer.from(ofMessage)
        spoiled.writeUInt8(spoiled.readUInt8(place % spoiled.length) ^ 1, place % spoiled.length)
        expect(verifyDigest(pair, scheme, digest, spoiled)).toBe(false)
        expect(verifyDigest(pair, scheme, digest, Buffer.concat([ofMessage, Buffer.of(0)]))).toBe(false)
        expect(verifyDigest(pair, scheme, digest.toReversed(), ofMessage)).toBe(false)
      }),
      { numRuns: 10 },
    )
  })

  it('is not made of nothing but zeros, for ECDSA', async () => {
    const pair = openKeyPair(materialOfPrivateKey(await generatePrivateKey({ type: 'ec', curve: 'P-256' })))
    const scheme = signatureScheme('ECDSA_SHA_256')
    if (scheme.kind === 'pure') throw new Error('ECDSA signs digests.')
    expect(signDigest(pair, scheme, new Uint8Array(32))).toBeNull()
  })
})

describe('A secret', () => {
  it('is multiplied as BigInt would', () => {
    const prime = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
    const scalar = fc.bigInt({ min: 1n, max: prime - 1n })
    fc.assert(
      fc.property(scalar, scalar, (secret, factor) => {
        const product = Buffer.from(new ArrayBuffer(32))
        multiplySecret(toBytes(secret, 32), factor, prime, product)
        expect(fromBytes(product)).toBe((secret * factor) % prime)
      }),
    )
  })
})
