import { describe, expect, it } from 'vitest'
import { createEdge, leafHash, nodeHash, rootOf, type Subtree } from './merkle.ts'
import { isConsistent, proveConsistency, proveInclusion, rangeHash, rootByInclusion } from './proof.ts'

/** The eight entries and the roots of the trees of the first of them, as Certificate Transparency's tests have them. */
const ENTRIES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => Buffer.from(hex, 'hex'))
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]
const PATHS: readonly (readonly [index: number, size: number, path: readonly string[]])[] = [
  [0, 1, []],
  [
    0,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    5,
    8,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
  [
    1,
    5,
    [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
]
const CONSISTENCIES: readonly (readonly [from: number, size: number, path: readonly string[]])[] = [
  [1, 1, []],
  [
    1,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    6,
    8,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [
    2,
    5,
    [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
]

/** A tree whose subtrees are worked out each time. */
function readerOf(leaves: readonly Buffer[]) {
  const hashOf = ({ height, index }: Subtree): Buffer =>
    height === 0
      ? (leaves[index] ?? Buffer.alloc(0))
      : nodeHash(hashOf({ height: height - 1, index: index * 2 }), hashOf({ height: height - 1, index: index * 2 + 1 }))
  return async (subtree: Subtree) => hashOf(subtree)
}

const leaves = ENTRIES.map(leafHash)
const read = readerOf(leaves)
const rootAt = (size: number) => Buffer.from(ROOTS[size] ?? '', 'hex')
const hexOf = (proof: readonly Buffer[]) => proof.map((hash) => hash.toString('hex'))

describe('A Merkle tree', () => {
  it('has the published roots, however it is made', async () => {
    const edge = createEdge(0, [])
    expect(rootOf([])).toEqual(rootAt(0))
    for (const [index, leaf] of leaves.entries()) {
      edge.append(leaf)
      expect(edge.root()).toEqual(rootAt(index + 1))
      expect(await rangeHash(read, 0, index + 1)).toEqual(rootAt(index + 1))
    }
  })

  it.each(PATHS)('has the published proof of entry %i of %i', async (index, size, path) => {
    expect(hexOf(await proveInclusion(read, index, size))).toEqual(path)
  })

  it.each(CONSISTENCIES)('has the published proof from %i to %i', async (from, size, path) => {
    expect(hexOf(await proveConsistency(read, from, size))).toEqual(path)
  })
})

describe('A proof', () => {
  const many = Array.from({ length: 40 }, (_, index) => leafHash(Buffer.from(String(index))))
  const readMany = readerOf(many)

  it('shows each entry of each tree, at its place only', async () => {
    for (let size = 1; size <= many.length; size += 1) {
      const root = await rangeHash(readMany, 0, size)
      for (let index = 0; index < size; index += 1) {
        const leaf = many[index] ?? root
        const proof = await proveInclusion(readMany, index, size)
        expect(rootByInclusion(index, size, leaf, proof)).toEqual(root)
        expect(rootByInclusion((index + 1) % size, size, leaf, proof)?.equals(root) === true).toBe(size === 1)
        expect(rootByInclusion(index, size, leaf, [...proof, root])).toBeNull()
        if (proof.length > 0) expect(rootByInclusion(index, size, leaf, proof.slice(1))).toBeNull()
      }
    }
  })

  it('shows that each tree begins with each smaller one, and with no other', async () => {
    for (let size = 0; size <= many.length; size += 1) {
      const now = { size, root: await rangeHash(readMany, 0, size) }
      for (let from = 0; from <= size; from += 1) {
        const before = { size: from, root: await rangeHash(readMany, 0, from) }
        const proof = await proveConsistency(readMany, from, size)
        expect(isConsistent(before, now, proof)).toBe(true)
        expect(isConsistent({ ...before, root: leafHash(before.root) }, now, proof)).toBe(false)
        expect(isConsistent(before, { ...now, root: leafHash(now.root) }, proof)).toBe(from === 0 && size > 0)
        expect(isConsistent(before, now, [...proof, now.root])).toBe(false)
        if (proof.length > 0) expect(isConsistent(before, now, proof.slice(1))).toBe(false)
        expect(isConsistent({ ...before, size: size + 1 }, now, proof)).toBe(false)
      }
    }
  })
})
