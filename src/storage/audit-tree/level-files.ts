import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { HASH_BYTES } from '../../crypto/transparency/merkle.ts'
import { hashesAt, type TileReader } from './tiles.ts'

/**
 * The tiles of a tree, those of a level one behind the other in one file, which is named by its level: a busy day would
 * have thousands of files otherwise, each to be synced.
 */
export interface LevelFiles extends TileReader {
  /** Puts a hash behind those of its level. Nothing is read of it before it is flushed. */
  append(level: number, hash: Buffer): void
  /** Brings what was appended to disk. What fails is done again by the next call. */
  flush(): Promise<void>
  close(): Promise<void>
}

interface Level {
  readonly file: FileHandle
  /** How many hashes are on disk. */
  count: number
  waiting: Buffer[]
}

/** Opens the tiles of a tree of `size` leaves to be appended to; what is behind them is cut off. */
export async function openLevelFiles(directory: string, size: number): Promise<LevelFiles> {
  const levels: Level[] = []
  const openLevel = async (level: number): Promise<Level> => {
    const file = await open(join(directory, String(level)), constants.O_RDWR | constants.O_CREAT, 0o600)
    const count = hashesAt(level, size)
    const found = (await file.stat()).size
    if (found > count * HASH_BYTES) await file.truncate(count * HASH_BYTES)
    return { file, count, waiting: [] }
  }
  for (let level = 0; level === 0 || hashesAt(level, size) > 0; level += 1) levels.push(await openLevel(level))
  const waiting = new Map<number, Buffer[]>()
  return {
    read: async (level, start, count) => readHashes(levels[level]?.file, level, start, count),
    append(level, hash) {
      const known = waiting.get(level)
      if (known === undefined) waiting.set(level, [hash])
      else known.push(hash)
    },
    async flush() {
      for (const [level, hashes] of waiting) {
        const each = (levels[level] ??= await openLevel(level))
        each.waiting.push(...hashes.splice(0))
        if (each.waiting.length === 0) continue
        await writeAll(each.file, Buffer.concat(each.waiting), each.count * HASH_BYTES)
        await each.file.datasync()
        each.count += each.waiting.length
        each.waiting = []
      }
    },
    async close() {
      for (const { file } of levels) await file.close()
    },
  }
}

/** Opens tiles to be read only. A level that is missing has no hashes. */
export async function readLevelFiles(directory: string): Promise<TileReader & AsyncDisposable> {
  const files = new Map<number, FileHandle>()
  return {
    async read(level, start, count) {
      const file = files.get(level) ?? (await open(join(directory, String(level)), 'r').catch(() => undefined))
      if (file !== undefined) files.set(level, file)
      return readHashes(file, level, start, count)
    },
    async [Symbol.asyncDispose]() {
      for (const file of files.values()) await file.close()
    },
  }
}

async function readHashes(file: FileHandle | undefined, level: number, start: number, count: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(count * HASH_BYTES)
  const read = (await file?.read(bytes, 0, bytes.length, start * HASH_BYTES))?.bytesRead ?? 0
  if (read === bytes.length) return bytes
  throw new Error(`Level ${level} of the tree has no hash ${start + Math.floor(read / HASH_BYTES)}.`)
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten
  }
}
