import { expect, it } from 'vitest'
import { HASH_BYTES, leafHash } from '../../crypto/transparency/merkle.ts'
import type { TileReader } from '../../storage/audit-tree/tiles.ts'
import { findLeaf } from './find-leaf.ts'

const SIZE = 20_000
const leaves = Array.from({ length: SIZE }, (_, index) => leafHash(Buffer.from(`record ${index}`)))
const all = Buffer.concat(leaves)

/** Counts what is read, in leaves. */
function countingTiles(): TileReader & { looked: number } {
  const tiles = {
    looked: 0,
    async read(_level: number, start: number, count: number) {
      tiles.looked += count
      return all.subarray(start * HASH_BYTES, (start + count) * HASH_BYTES)
    },
  }
  return tiles
}

it.each([0, 1, 4095, 4096, 9999, SIZE - 1])('A leaf is found wherever it is thought to be: %j', async (index) => {
  const leaf = leaves[index] ?? Buffer.alloc(0)
  for (const guess of [0, index, SIZE - 1, SIZE * 3]) {
    expect(await findLeaf(countingTiles(), SIZE, leaf, guess, SIZE)).toBe(index)
  }
})

it('A leaf near its guess costs one window; one that is not there no more than was allowed', async () => {
  const near = countingTiles()
  expect(await findLeaf(near, SIZE, leaves[10_100] ?? Buffer.alloc(0), 10_000, SIZE)).toBe(10_100)
  expect(near.looked).toBe(4096)
  const far = countingTiles()
  expect(await findLeaf(far, SIZE, leaves[SIZE - 1] ?? Buffer.alloc(0), 0, 8192)).toBeNull()
  expect(far.looked).toBe(8192)
  const none = countingTiles()
  expect(await findLeaf(none, SIZE, leafHash(Buffer.from('nothing')), 5000, 2 * SIZE)).toBeNull()
  expect(none.looked).toBe(SIZE)
})

it('Bytes of two hashes beside each other are no leaf', async () => {
  const between = all.subarray(HASH_BYTES / 2, HASH_BYTES / 2 + HASH_BYTES)
  expect(await findLeaf(countingTiles(), SIZE, between, 0, SIZE)).toBeNull()
})
