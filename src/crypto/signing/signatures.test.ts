import { createHash, createPublicKey, createSecretKey } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { groupsOf, hasWycheproof, hex, type Result } from '../../../test/wycheproof.ts'
import { decodeEcdsa } from './ecdsa-encoding.ts'
import { generatePrivateKey, materialOfPrivateKey, openKeyPair, type KeyPair } from '../key-pair.ts'
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
        if (!('hash' in scheme) || pair === null) continue
        const digest = createHash(scheme.hash).update(hex(msg)).digest()
        if (scheme.kind !== 'ecdsa') expect(verifyDigest(pair, scheme, digest, hex(sig)), `vector ${tcId}`).toBe(isGood)
        else if (isGood) expect(decodeEcdsa(hex(sig)), `vector ${tcId}`).not.toBeNull()
        else if (flags.includes('BerEncodedSignature')) expect(decodeEcdsa(hex(sig)), `vector ${tcId}`).toBeNull()
      }
    }
    expect(good).toBeGreaterThan(least)
  })
})

/** RFC 8032, section 7.1: tests 1, 2, 3 and SHA(abc). */
const RFC_8032 = [
  {
    seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0' +
      '595bbe24655141438e7a100b',
  },
  {
    seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eae' +
      'b4302aeeb00d291612bb0c00',
  },
  {
    seed: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature:
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9' +
      '716ed28dc027beceea1ec40a',
  },
  {
    seed: '833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42',
    publicKey: 'ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf',
    message:
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423' +
      '643ce80e2a9ac94fa54ca49f',
    signature:
      'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c' +
      '138ac17ad9bef1177331a704',
  },
]

describe('Ed25519', () => {
  it.each(RFC_8032)('signs what RFC 8032 signs: $publicKey', async ({ seed, publicKey, message, signature }) => {
    const pair = openKeyPair(createSecretKey(hex(`302e020100300506032b657004220420${seed}`)))
    const scheme = signatureScheme('ED25519_SHA_512')
    expect(pair.spki.subarray(-32).toString('hex')).toBe(publicKey)
    expect((await signMessage(pair, scheme, hex(message))).toString('hex')).toBe(signature)
    expect(await verifyMessage(pair, scheme, hex(message), hex(signature))).toBe(true)
  })
})

interface SeedGroup {
  readonly privateSeed: string
  readonly privateKeyPkcs8?: string
  readonly publicKey: string
  readonly tests: readonly { tcId: number; msg?: string; sig: string; ctx?: string; result: Result }[]
}

describe.skipIf(!hasWycheproof)('ML-DSA from a seed', () => {
  /** What stands before the seed in PKCS#8, by parameter set. */
  const heads = {
    44: '3034020100300b060960864801650304031104228020',
    65: '3034020100300b060960864801650304031204228020',
    87: '3034020100300b060960864801650304031304228020',
  }
  const scheme = signatureScheme('ML_DSA_SHAKE_256')

  it.each([44, 65, 87] as const)('of set %i agrees with every vector that has a message', async (set) => {
    let good = 0
    for (const group of groupsOf(`mldsa_${set}_sign_seed`) as readonly SeedGroup[]) {
      const { privateSeed, privateKeyPkcs8 = heads[set] + privateSeed, publicKey, tests } = group
      const open = () => openKeyPair(createSecretKey(hex(privateKeyPkcs8)))
      if (privateSeed.length !== 64) {
        expect(open, `a seed of ${privateSeed.length / 2} bytes`).toThrow()
        continue
      }
      const pair = open()
      expect(pair.spki.toString('hex').endsWith(publicKey)).toBe(true)
      for (const { tcId, msg, sig, ctx = '', result } of tests) {
        if (msg === undefined) continue
        // KMS's context is always empty.
        const isGood = result === 'valid' && ctx === ''
        expect(await verifyMessage(pair, scheme, hex(msg), hex(sig)), `vector ${tcId}`).toBe(isGood)
        const ours = await signMessage(pair, scheme, hex(msg))
        expect(await verifyMessage(pair, scheme, hex(msg), ours), `vector ${tcId}`).toBe(true)
        good += isGood ? 1 : 0
      }
    }
    expect(good).toBeGreaterThan(60)
  })
})

describe.skipIf(!hasWycheproof)('A PSS signature', () => {
  it('whose salt is shorter than the hash is none of KMS’s', async () => {
    const scheme = signatureScheme('RSASSA_PSS_SHA_512')
    if (!('hash' in scheme)) throw new Error('PSS signs digests.')
    let count = 0
    for (const { publicKeyDer, tests } of groupsOf('rsa_pss_4096_sha512_mgf1_32') as readonly Group[]) {
      const pair = publicPair(publicKeyDer)
      if (pair === null) throw new Error('These keys are good.')
      for (const { tcId, msg, sig } of tests) {
        expect(await verifyMessage(pair, scheme, hex(msg), hex(sig)), `vector ${tcId}`).toBe(false)
        const digest = createHash('sha512').update(hex(msg)).digest()
        expect(verifyDigest(pair, scheme, digest, hex(sig)), `vector ${tcId}`).toBe(false)
        count += 1
      }
    }
    expect(count).toBeGreaterThan(150)
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
    if (!('hash' in scheme)) throw new Error('These sign digests.')
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
    if (!('hash' in scheme)) throw new Error('ECDSA signs digests.')
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
