import { createSecretKey, generateKeyPairSync } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { groupsOf, hasWycheproof, hex, type Result } from '../../test/wycheproof.ts'
import { readMaterial, UnfitMaterialError, unwrapMaterialFor, type WrappingAlgorithm } from './import.ts'
import { keyPairOf } from './key-pair.ts'
import { unwrapPadded } from './key-wrap.ts'

describe('AES Key Wrap with Padding', () => {
  // RFC 5649, section 6.
  it.each([
    ['c37b7e6492584340bed12207808941155068f738', '138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a'],
    ['466f7250617369', 'afbeb0f07dfbf5419200f2ccb50bb24f'],
  ])('unwraps %s', (key, wrapped) => {
    const kek = createSecretKey(hex('5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8'))
    expect(unwrapPadded(kek, hex(wrapped))?.toString('hex')).toBe(key)
  })

  interface Wrapping {
    readonly tests: readonly { tcId: number; key: string; msg: string; ct: string; result: Result }[]
  }

  it.skipIf(!hasWycheproof)("agrees with every one of Wycheproof's vectors", () => {
    const tests = (groupsOf('aes_kwp') as readonly Wrapping[]).flatMap((group) => group.tests)
    for (const { tcId, key, msg, ct, result } of tests) {
      const unwrapped = unwrapPadded(createSecretKey(hex(key)), hex(ct))
      expect(unwrapped?.toString('hex') ?? null, `vector ${tcId}`).toBe(result === 'valid' ? msg : null)
    }
    expect(tests.length).toBe(254)
  })
})

describe('Whatever is sent in place of material', () => {
  const pair = keyPairOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)
  const bytes = fc.uint8Array({ maxLength: 600 }).map((array) => Buffer.from(array))

  it.each<WrappingAlgorithm>([
    'RSAES_OAEP_SHA_1',
    'RSAES_OAEP_SHA_256',
    'RSA_AES_KEY_WRAP_SHA_1',
    'RSA_AES_KEY_WRAP_SHA_256',
  ])('does not unwrap with %s', async (algorithm) => {
    await fc.assert(
      fc.asyncProperty(bytes, async (wrapped) => {
        expect(await unwrapMaterialFor(pair, algorithm, wrapped)).toBeNull()
      }),
      { numRuns: 50 },
    )
  })

  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' })

  it.each([
    ['P-256', 'prime256v1'],
    ['P-384', 'secp384r1'],
    ['P-521', 'secp521r1'],
    ['secp256k1', 'secp256k1'],
  ] as const)('is one material however a private key of %s was written', async (curve, namedCurve) => {
    const key = generateKeyPairSync('ec', { namedCurve }).privateKey
    const full = key.export({ format: 'der', type: 'pkcs8' })
    const read = (given: Buffer) => readMaterial({ type: 'ec', curve }, false, given)
    const material = (await read(full)).export()
    // What Node itself writes is that form.
    expect(material).toEqual(full)
    const openssl = (input: Buffer, ...words: string[]) => execFileSync('openssl', words, { input, stdio: 'pipe' })
    const bare = openssl(full, 'ec', '-inform', 'DER', '-no_public', '-outform', 'DER')
    const wrapped = openssl(bare, 'pkcs8', '-topk8', '-nocrypt', '-inform', 'DER', '-outform', 'DER')
    expect(wrapped.length).toBeLessThan(full.length)
    expect((await read(wrapped)).export()).toEqual(full)
  })

  it('is the one private key, or is refused', async () => {
    const recipe = { type: 'ec', curve: 'P-256' } as const
    const same = (await readMaterial(recipe, false, pkcs8)).export()
    const changed = fc
      .tuple(fc.nat({ max: pkcs8.length - 1 }), fc.integer({ min: 1, max: 255 }))
      .map(([at, change]) => pkcs8.with(at, (pkcs8[at] ?? 0) ^ change))
    await fc.assert(
      fc.asyncProperty(fc.oneof(bytes, changed), async (wrong) => {
        const read = await readMaterial(recipe, false, wrong).catch((error: unknown) => {
          expect(error).toBeInstanceOf(UnfitMaterialError)
          return null
        })
        // What does not change the key, such as an attribute that nobody reads, gives the same key.
        if (read !== null) expect(read.export()).toEqual(same)
      }),
      { numRuns: 300 },
    )
  })
})
