import { nodeHash, HASH_BYTES, type Subtree } from '../../crypto/transparency/merkle.ts'
import type { ReadSubtree } from '../../crypto/transparency/proof.ts'

/** How many levels of the tree lie between two levels of tiles (C2SP tlog-tiles). */
const TILE_HEIGHT = 8
/** How many hashes a tile has. */
export const TILE_HASHES = 2 ** TILE_HEIGHT

/**
 * The hashes of a tree by levels of tiles: those of level 0 are the leaves, each of a higher level stands above a whole
 * tile of the level below.
 */
export interface TileReader {
  /**
   * Hashes that stand side by side in one tile, as bytes.
   *
   * @throws Error where they are not all there
   */
  read(level: number, start: number, count: number): Promise<Buffer>
}

/** How many hashes a level has in a tree of `size` leaves. */
export function hashesAt(level: number, size: number): number {
  return Math.floor(size / TILE_HASHES ** level)
}

/** The level of tiles on which the root of a whole subtree stands; null where it stands between two. */
export function levelOf(height: number): number | null {
  return height % TILE_HEIGHT === 0 ? height / TILE_HEIGHT : null
}

/** Reads subtrees from tiles. */
export function subtreesIn(tiles: TileReader): ReadSubtree {
  return async ({ height, index }: Subtree) => {
    const level = Math.floor(height / TILE_HEIGHT)
    const count = 2 ** (height % TILE_HEIGHT)
    const bytes = await tiles.read(level, index * count, count)
    let hashes = Array.from({ length: count }, (_, at) => bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES))
    while (hashes.length > 1) {
      const above: Buffer[] = []
      for (let at = 0; at < hashes.length; at += 2) {
        const [left, right] = hashes.slice(at, at + 2)
        if (left !== undefined && right !== undefined) above.push(nodeHash(left, right))
      }
      hashes = above
    }
    return hashes[0] ?? bytes
  }
}
