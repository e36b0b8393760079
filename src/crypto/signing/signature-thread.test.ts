import { createHash, createPublicKey, createSecretKey, randomBytes, sign, verify } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { groupsOf, hasWycheproof, hex, type Result } from '../../../test/wycheproof.ts'
import { generatePrivateKey, keyPairOf, openKeyPair, type KeyPair } from '../key-pair.ts'
import { signInThread, verifyInThread } from './signature-thread.ts'

const SETS = [44, 65, 87] as const

/** FIPS 204's representative μ of a message: algorithm 2, line 10, and algorithm 7, line 6. */
function muOf(publicKey: Uint8Array, message: Uint8Array, context: Uint8Array = Buffer.of()): Buffer {
  const tr = createHash('shake256', { outputLength: 64 }).update(publicKey).digest()
  const parts = Buffer.concat([tr, Buffer.of(0, context.length), context, message])
  return createHash('shake256', { outputLength: 64 }).update(parts).digest()
}

const rawPublic = ({ publicKey }: KeyPair) => publicKey.export({ format: 'raw-public' })
const newPair = async (set: (typeof SETS)[number]) => keyPairOf(await generatePrivateKey({ type: 'ml-dsa', set }))

/** The signature with each of some bits turned over, one at a time. */
function* spoiled(signature: Buffer, places: readonly number[]): Generator<Buffer> {
  for (const place of places) {
    const copy = Buffer.from(signature)
    copy.writeUInt8(copy.readUInt8(place) ^ 0x10, place)
    yield copy
  }
}

/** A number with its bytes in the other order. */
const turned = (bytes: Uint8Array) => Buffer.from([...bytes].toReversed())

describe('Ed25519ph', () => {
  const pair = openKeyPair(
    createSecretKey(
      hex('302e020100300506032b657004220420833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42'),
    ),
  )
  const message = Buffer.from('abc')
  const expected =
    '98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae4131f85042463c2a355a2003d062adf5aa' +
    'a10b8c61e636062aaad11c2a26083406'

  it('signs what RFC 8032 signs in section 7.3, and not what Ed25519 signs', async () => {
    expect(rawPublic(pair).toString('hex')).toBe('ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf')
    const signature = await signInThread(pair, message)
    expect(signature.toString('hex')).toBe(expected)
    expect(await verifyInThread(pair, message, signature)).toBe(true)
    expect(verify(null, message, pair.publicKey, signature)).toBe(false)
    expect(await verifyInThread(pair, message, sign(null, message, pair.privateKey))).toBe(false)
  })

  it('knows signatures that were changed, of any length, and those whose second half is not reduced', async () => {
    const signature = hex(expected)
    for (const bad of spoiled(signature, [0, 31, 32, 63])) expect(await verifyInThread(pair, message, bad)).toBe(false)
    expect(await verifyInThread(pair, Buffer.from('abd'), signature)).toBe(false)
    for (const bad of [Buffer.of(), signature.subarray(1), Buffer.concat([signature, Buffer.of(0)])])
      expect(await verifyInThread(pair, message, bad)).toBe(false)
    const order = 2n ** 252n + 27742317777372353535851937790883648493n
    const s = BigInt(`0x${turned(signature.subarray(32)).toString('hex')}`) + order
    const more = turned(hex(s.toString(16).padStart(64, '0')))
    expect(await verifyInThread(pair, message, Buffer.concat([signature.subarray(0, 32), more]))).toBe(false)
  })

  it('is not good under a key or with a point of small order, whatever was signed', async () => {
    const identity = hex(`01${'00'.repeat(31)}`)
    const spki = Buffer.concat([hex('302a300506032b6570032100'), identity])
    const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' })
    const forged = Buffer.concat([identity, Buffer.alloc(32)])
    expect(await verifyInThread({ ...pair, publicKey, spki }, message, forged)).toBe(false)
  })
})

interface SeedGroup {
  readonly privateSeed: string
  readonly publicKey: string
  readonly tests: readonly { tcId: number; mu?: string; sig: string; ctx?: string; flags: string[]; result: Result }[]
}

interface VerifyGroup {
  readonly publicKey: string
  readonly publicKeyDer: string
  readonly tests: readonly { tcId: number; msg: string; sig: string; ctx?: string; result: Result }[]
}

describe.skipIf(!hasWycheproof)('ML-DSA of μ', () => {
  /** What stands before the seed in PKCS#8. */
  const headOf = { 44: '11', 65: '12', 87: '13' }
  /** Those whose signatures are hedged, with randomness that is not told. */
  const isHedged = (flags: readonly string[]) => flags.includes('Randomized')

  it.each(SETS)('of set %i makes the very signatures of Wycheproof from seeds, without randomness', async (set) => {
    let [same, withoutMessage] = [0, 0]
    for (const { privateSeed, publicKey, tests } of groupsOf(`mldsa_${set}_sign_seed`) as readonly SeedGroup[]) {
      if (privateSeed.length !== 64) continue
      const der = hex(`3034020100300b06096086480165030403${headOf[set]}04228020${privateSeed}`)
      const pair = openKeyPair(createSecretKey(der))
      expect(rawPublic(pair).toString('hex')).toBe(publicKey)
      for (const { tcId, mu, sig, flags, result, ...rest } of tests) {
        if (mu === undefined || result !== 'valid') continue
        expect(await verifyInThread(pair, hex(mu), hex(sig)), `vector ${tcId}`).toBe(true)
        const ours = await signInThread(pair, hex(mu), Buffer.alloc(32))
        if (isHedged(flags)) continue
        expect(ours.equals(hex(sig)), `vector ${tcId} ${flags.join(' ')}`).toBe(true)
        same += 1
        if (!('msg' in rest)) withoutMessage += 1
      }
    }
    expect(same).toBeGreaterThan(80)
    expect(withoutMessage).toBeGreaterThan(7)
  })

  it.each(SETS)('of set %i judges the signatures of Wycheproof’s messages by their μ', async (set) => {
    let [good, bad] = [0, 0]
    for (const { publicKey, publicKeyDer, tests } of groupsOf(`mldsa_${set}_verify`) as readonly VerifyGroup[]) {
      if (publicKeyDer === '' || publicKey.length / 2 !== { 44: 1312, 65: 1952, 87: 2592 }[set]) continue
      const key = createPublicKey({ key: hex(publicKeyDer), format: 'der', type: 'spki' })
      const pair: KeyPair = { privateKey: key, publicKey: key, spki: hex(publicKeyDer) }
      for (const { tcId, msg, sig, ctx = '', result } of tests) {
        // A context that is too long has no μ.
        if (ctx.length > 510) continue
        const mu = muOf(hex(publicKey), hex(msg), hex(ctx))
        expect(await verifyInThread(pair, mu, hex(sig)), `vector ${tcId}`).toBe(result === 'valid')
        if (result === 'valid') good += 1
        else bad += 1
      }
    }
    expect(good).toBeGreaterThan(70)
    expect(bad).toBeGreaterThan(90)
  })
})

describe.each(SETS)('ML-DSA-%i', (set) => {
  it('signs μ as OpenSSL signs the message, and the other way round', async () => {
    const pair = await newPair(set)
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (message) => {
        const mu = muOf(rawPublic(pair), message)
        const ours = await signInThread(pair, mu)
        expect(verify(null, message, pair.publicKey, ours)).toBe(true)
        const theirs = sign(null, message, pair.privateKey)
        expect(await verifyInThread(pair, mu, theirs)).toBe(true)
        expect(await verifyInThread(pair, muOf(rawPublic(pair), Buffer.from('another')), theirs)).toBe(false)
        const places = [0, ours.length >> 1, ours.length - 1]
        for (const bad of spoiled(ours, places)) expect(await verifyInThread(pair, mu, bad)).toBe(false)
        return true
      }),
      { numRuns: 10 },
    )
  })

  it('never makes the same signature twice, and none of what is no μ', async () => {
    const pair = await newPair(set)
    const mu = randomBytes(64)
    const random = randomBytes(32)
    const [one, two] = await Promise.all([signInThread(pair, mu, random), signInThread(pair, mu)])
    expect(one.equals(two)).toBe(false)
    expect(random.equals(Buffer.alloc(32))).toBe(true)
    // One that fails takes nothing from those that wait with it.
    const mixed = [signInThread(pair, mu.subarray(1)), signInThread(pair, mu), verifyInThread(pair, mu, one)] as const
    await expect(mixed[0]).rejects.toThrow('64')
    expect(await verifyInThread(pair, mu, await mixed[1])).toBe(true)
    expect(await mixed[2]).toBe(true)
  })
})

it('The thread signs nothing that OpenSSL signs', async () => {
  const pair = keyPairOf(await generatePrivateKey({ type: 'ec', curve: 'P-256' }))
  await expect(signInThread(pair, randomBytes(64))).rejects.toThrow('ec is left to OpenSSL')
})
