import { nodeHash, HASH_BYTES, subtreesOf, type Subtree } from '../../crypto/transparency/merkle.ts'
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

/** The roots of the whole subtrees that the first `size` leaves are made of; null where they are not all there. */
export async function readPeaks(tiles: TileReader, size: number): Promise<readonly Buffer[] | null> {
  const read = subtreesIn(tiles)
  const peaks: Buffer[] = []
  try {
    for (const subtree of subtreesOf(0, size)) peaks.push(await read(subtree))
  } catch {
    return null
  }
  return peaks
}

/** How many tiles stay in memory: those of some 2,000 records, for whoever looks ahead. */
const KEPT_TILES = 10

/** Reads leaves, a tile at a time; null where there is none. */
export function leafReader(tiles: TileReader, size: number): (index: number) => Promise<Buffer | null> {
  const known = new Map<number, Buffer | null>()
  return async (index) => {
    const tile = Math.floor(index / TILE_HASHES)
    let bytes = known.get(tile)
    if (bytes === undefined) {
      const count = Math.min(TILE_HASHES, hashesAt(0, size) - tile * TILE_HASHES)
      bytes = await tiles.read(0, tile * TILE_HASHES, count).catch(() => null)
      known.set(tile, bytes)
      if (known.size > KEPT_TILES) known.delete(Math.min(...known.keys()))
    }
    const at = (index % TILE_HASHES) * HASH_BYTES
    return bytes === null ? null : bytes.subarray(at, at + HASH_BYTES)
  }
}
