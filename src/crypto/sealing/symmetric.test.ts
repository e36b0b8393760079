import { createSecretKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { groupsOf, hasWycheproof, hex, type Result } from '../../../test/wycheproof.ts'
import { open, seal } from './symmetric.ts'

interface Group {
  readonly ivSize: number
  readonly keySize: number
  readonly tagSize: number
  readonly tests: readonly {
    readonly tcId: number
    readonly key: string
    readonly iv: string
    readonly aad: string
    readonly msg: string
    readonly ct: string
    readonly tag: string
    readonly result: Result
  }[]
}

/**
 * From NIST's CAVP vectors for GCM, gcmEncryptExtIV256.rsp: the first two of the groups with an IV of 96 bits, a tag
 * of 128, and a plaintext and additional data of 0 and 0, 0 and 128, 128 and 0 bits; and the first of 128 and 128.
 */
const CAVP = [
  {
    key: 'b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4',
    iv: '516c33929df5a3284ff463d7',
    tag: 'bdc1ac884d332457a1d2664f168c76f0',
  },
  {
    key: '5fe0861cdc2690ce69b3658c7f26f8458eec1c9243c5ba0845305d897e96ca0f',
    iv: '770ac1a5a3d476d5d96944a1',
    tag: '196d691e1047093ca4b3d2ef4baba216',
  },
  {
    key: '78dc4e0aaf52d935c3c01eea57428f00ca1fd475f5da86a49c8dd73d68c8e223',
    iv: 'd79cf22d504cc793c3fb6c8a',
    aad: 'b96baa8c1c75a671bfb2d08d06be5f36',
    tag: '3e5d486aa2e30b22e040b85723a06e76',
  },
  {
    key: '4457ff33683cca6ca493878bdc00373893a9763412eef8cddb54f91318e0da88',
    iv: '699d1f29d7b8c55300bb1fd2',
    aad: '6749daeea367d0e9809e2dc2f309e6e3',
    tag: 'd60c74d2517fde4a74e0cd4709ed43a9',
  },
  {
    key: '31bdadd96698c204aa9ce1448ea94ae1fb4a9a0b3c9d773b51bb1822666b8f22',
    iv: '0d18e06c7c725ac9e362e1ce',
    msg: '2db5168e932556f8089a0622981d017d',
    ct: 'fa4362189661d163fcd6a56d8bf0405a',
    tag: 'd636ac1bbedd5cc3ee727dc2ab4a9489',
  },
  {
    key: '460fc864972261c2560e1eb88761ff1c992b982497bd2ac36c04071cbb8e5d99',
    iv: '8a4a16b9e210eb68bcb6f58d',
    msg: '99e4e926ffe927f691893fb79a96b067',
    ct: '133fc15751621b5f325c7ff71ce08324',
    tag: 'ec4e87e0cf74a13618d0b68636ba9fa7',
  },
  {
    key: '92e11dcdaa866f5ce790fd24501f92509aacf4cb8b1339d50c9c1240935dd08b',
    iv: 'ac93a1a6145299bde902f21a',
    aad: '1e0889016f67601c8ebea4943bc23ad6',
    msg: '2d71bcfa914e4ac045b2aa60955fad24',
    ct: '8995ae2e6df3dbf96fac7b7137bae67f',
    tag: 'eca5aa77d51d4a0a14d9c51e1da474ab',
  },
]

describe('AES-256-GCM, by NIST’s vectors', () => {
  it.each(CAVP)('seals and opens with the key $key', ({ key, iv, aad = '', msg = '', ct = '', tag }) => {
    const secret = createSecretKey(hex(key))
    const sealed = seal(secret, hex(iv), hex(aad), hex(msg))
    expect(sealed.ciphertext.toString('hex')).toBe(ct)
    expect(sealed.tag.toString('hex')).toBe(tag)
    expect(open(secret, hex(iv), hex(aad), hex(ct), hex(tag))?.toString('hex')).toBe(msg)
    const wrong = hex(tag)
    wrong.writeUInt8(wrong.readUInt8(15) ^ 1, 15)
    expect(open(secret, hex(iv), hex(aad), hex(ct), wrong)).toBeNull()
  })
})

describe.skipIf(!hasWycheproof)('AES-256-GCM', () => {
  it('agrees with every vector of Wycheproof for its sizes', () => {
    const all = groupsOf('aes_gcm') as readonly Group[]
    const groups = all.filter(({ keySize, tagSize }) => keySize === 256 && tagSize === 128)
    const good: unknown[] = []
    const expected: unknown[] = []
    let count = 0
    for (const { ivSize, tests } of groups) {
      for (const { tcId, key, iv, aad, msg, ct, tag, result } of tests) {
        const secret = createSecretKey(hex(key))
        const opened = open(secret, hex(iv), hex(aad), hex(ct), hex(tag))
        const isGood = result === 'valid' && ivSize === 96
        expect(opened?.toString('hex') ?? null, `vector ${tcId}`).toBe(isGood ? msg : null)
        count += 1
        if (!isGood) continue
        const sealed = seal(secret, hex(iv), hex(aad), hex(msg))
        good.push([sealed.ciphertext.toString('hex'), sealed.tag.toString('hex')])
        expected.push([ct, tag])
      }
    }
    expect(count).toBeGreaterThan(60)
    expect(good).toEqual(expected)
    expect(good.length).toBeGreaterThan(30)
  })
})
