import { createHmac, createSecretKey } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lengthPrefixed } from './canonical.ts'
import { deriveBytes, expandByCounter } from './kdf.ts'

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

/**
 * From NIST's CAVP vectors for SP 800-108, KDFCTR_gen.rsp, PRF HMAC_SHA256, counter of 32 bits before the fixed
 * input: the first two of each length.
 */
const CAVP = [
  {
    count: 0,
    key: 'dd1d91b7d90b2bd3138533ce92b272fbf8a369316aefe242e659cc0ae238afe0',
    fixed:
      '01322b96b30acd197979444e468e1c5c6859bf1b1cf951b7e725303e237e46b864a145fab25e517b08f8683d0315bb2911d80a0e' +
      '8aba17f3b413faac',
    bytes: '10621342bfb0fd40046c0e29f2cfdbf0',
  },
  {
    count: 1,
    key: '32c4003872a146194023eac1bda74ddf2b66977dad8a554b974ca2a62f7e4f43',
    fixed:
      '33d8cf6d0c759fb622d867ea8cf1285de4020af81cc287addf38cc2da4643e6db3b215ad3e33bfc47877c3620e336887c3c9ad4a' +
      '1c6c0476b0f90a33',
    bytes: 'f593af0e1a492a7b904a2662897fa1c1',
  },
  {
    count: 10,
    key: 'e204d6d466aad507ffaf6d6dab0a5b26152c9e21e764370464e360c8fbc765c6',
    fixed:
      '7b03b98d9f94b899e591f3ef264b71b193fba7043c7e953cde23bc5384bc1a6293580115fae3495fd845dadbd02bd6455cf48d0f' +
      '62b33e62364a3a80',
    bytes: '770dfab6a6a4a4bee0257ff335213f78d8287b4fd537d5c1fffa956910e7c779',
  },
  {
    count: 11,
    key: 'aeeeca60f689a441b13b0cbcd441d82df0cf87dac236290dece8931df8d70317',
    fixed:
      '588ec041e5733b7031212c5538efe4f6aafa4cda8b925d261f5a2688f007b3ac240ee12991e77b8cb8538678615966164a81872b' +
      'd1cfcbfb39a4f450',
    bytes: '3e81d6113cee3c529ecedff89a6999ce25b618c15ee1d19d45cb376a1c8e2374',
  },
  {
    count: 20,
    key: 'dc60338d884eecb72975c603c27b360605011756c697c4fc388f5176ef81efb1',
    fixed:
      '44d7aa08feba26093c14979c122c2437c3117b63b78841cd10a4bc5ed55c56586ad8986d55307dca1d198edcffbc516a8fbe6152' +
      'aa428cdd800c062d',
    bytes: '29ac07dccf1f28d506cd623e6e3fc2fa255bd60b',
  },
  {
    count: 21,
    key: '7a7ecee4f04c1f5453f29b8c65bee909f673c44f65e8f9cc18c31c32e9bcfc5a',
    fixed:
      '0e2b53dd63008e0663962a25da9cd55fc2ea377148783da229ff7e3bd6142a43c854b6b5d06d87b535936f1edc7cd067e8dbba22' +
      '0a1f9a5932b32a64',
    bytes: '96fb8ef9380ac9de2711ef5a83249e608dc7bffc',
  },
  {
    count: 30,
    key: 'c4bedbddb66493e7c7259a3bbbc25f8c7e0ca7fe284d92d431d9cd99a0d214ac',
    fixed:
      '1c69c54766791e315c2cc5c47ecd3ffab87d0d273dd920e70955814c220eacace6a5946542da3dfe24ff626b4897898cafb7db83' +
      'bdff3c14fa46fd4b',
    bytes: '1da47638d6c9c4d04d74d4640bbd42ab814d9e8cc22f4326695239f96b0693f12d0dd1152cf44430',
  },
  {
    count: 31,
    key: '22256ca571d5c896db80a8758ff81cf8631d2bc38c7e76f3bafb0c2af540a356',
    fixed:
      '9dd2dcd97b926251b50c6111d988e2951b02accc143702c88920cf36848f7c731756ab0537cb26e22725f11de069e5335802b0cb' +
      '56c158dd75014791',
    bytes: 'a11aa3b1a93d2ce117550866c28d6974cf626719385b8868101a71a5d2aa793bc23c3cfdebe52ec9',
  },
]

describe('expandByCounter', () => {
  it.each(CAVP)('gives what NIST says: $count', ({ key, fixed, bytes }) => {
    const derived = expandByCounter(createSecretKey(key, 'hex'), Buffer.from(fixed, 'hex'), bytes.length / 2)
    expect(derived.toString('hex')).toBe(bytes)
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
