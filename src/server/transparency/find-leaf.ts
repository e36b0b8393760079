import { HASH_BYTES } from '../../crypto/transparency/merkle.ts'
import type { TileReader } from '../../storage/audit-tree/tiles.ts'

/** How many hashes are looked through at a time: 128 KiB. */
const WINDOW = 4096

/**
 * Finds a leaf of a tree, from where it is thought to be outwards, on both sides by turns.
 *
 * @param most how many leaves are looked at
 * @returns its number from 0; null where it is not among them
 */
export async function findLeaf(
  tiles: TileReader,
  size: number,
  leaf: Buffer,
  guess: number,
  most: number,
): Promise<number | null> {
  let [low, high] = [clamp(guess - WINDOW / 2, size), clamp(guess - WINDOW / 2, size)]
  for (let looked = 0; looked < most && (low > 0 || high < size);) {
    const isAbove = low === 0 || (high < size && high - guess <= guess - low)
    const start = isAbove ? high : Math.max(low - WINDOW, 0)
    const count = isAbove ? Math.min(WINDOW, size - high) : low - start
    const found = indexIn(await tiles.read(0, start, count), leaf)
    if (found !== null) return start + found
    if (isAbove) high += count
    else low = start
    looked += count
  }
  return null
}

function clamp(index: number, size: number): number {
  return Math.min(Math.max(Math.floor(index), 0), size)
}

function indexIn(hashes: Buffer, leaf: Buffer): number | null {
  for (let at = hashes.indexOf(leaf); at >= 0; at = hashes.indexOf(leaf, at + 1)) {
    if (at % HASH_BYTES === 0) return at / HASH_BYTES
  }
  return null
}
