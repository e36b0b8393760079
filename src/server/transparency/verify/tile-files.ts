import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { HASH_BYTES } from '../../../crypto/transparency/merkle.ts'
import { hashesAt, TILE_HASHES, type TileReader } from '../../../storage/audit-tree/tiles.ts'

/** Writes the tiles of the first `size` leaves of a tree, a file each, where C2SP's tlog-tiles has them. */
export async function writeTileFiles(directory: string, tiles: TileReader, size: number): Promise<void> {
  for (let level = 0; hashesAt(level, size) > 0; level += 1) {
    const count = hashesAt(level, size)
    for (let start = 0; start < count; start += TILE_HASHES) {
      const path = join(directory, tilePath(level, start / TILE_HASHES, size))
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, await tiles.read(level, start, Math.min(TILE_HASHES, count - start)))
    }
  }
}

/** Reads the tiles of a tree of `size` leaves that were written so. */
export function readTileFiles(directory: string, size: number): TileReader {
  return {
    async read(level, start, count) {
      const bytes = await readFile(join(directory, tilePath(level, Math.floor(start / TILE_HASHES), size)))
      const from = (start % TILE_HASHES) * HASH_BYTES
      const hashes = bytes.subarray(from, from + count * HASH_BYTES)
      if (hashes.length === count * HASH_BYTES) return hashes
      throw new Error(`Level ${level} of the tree has no hash ${start + hashes.length / HASH_BYTES}.`)
    },
  }
}

/** The path of a tile: its number in groups of three digits; the last tile of a level says how many hashes it has. */
function tilePath(level: number, tile: number, size: number): string {
  const digits = String(tile)
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g) ?? []
  const path = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/')
  const width = hashesAt(level, size) - tile * TILE_HASHES
  return join('tile', String(level), width < TILE_HASHES ? `${path}.p/${width}` : path)
}
