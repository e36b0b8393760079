import { createHash } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncPath } from '../whole-file.ts'
import { FRAME_BYTES, writeFrame, writeTable } from './frames.ts'
import { COMPRESSED, openCompressedFile, openLogFile, type LogFile } from './log-file.ts'

/**
 * Compresses a file of a log to which nothing is appended any more. The original is taken away when what stands in its
 * place is on disk and was read again. Cut off at any moment, there is one that is whole.
 *
 * @returns how many bytes it had and has
 */
export async function compressLogFile(path: string): Promise<{ readonly before: number; readonly after: number }> {
  const target = path + COMPRESSED
  const begun = `${target}.new`
  using source = openLogFile(path)
  const { digest, after } = await writeCompressed(source, begun).catch(async (error: unknown) => {
    await rm(begun, { force: true })
    throw error
  })
  if (digest !== (await digestOf(begun))) {
    await rm(begun)
    throw new Error(`${path} was compressed, and did not read the same again.`)
  }
  await rename(begun, target)
  await syncPath(dirname(path))
  await rm(path)
  await syncPath(dirname(path))
  return { before: source.size, after }
}

async function writeCompressed(source: LogFile, path: string): Promise<{ digest: string; after: number }> {
  const hash = createHash('sha256')
  const frames: { bytes: number; length: number }[] = []
  let after = 0
  await using target = await open(path, 'w', 0o600)
  for (let position = 0; position < source.size;) {
    const part = Buffer.allocUnsafe(Math.min(FRAME_BYTES, source.size - position))
    const length = await source.read(part, position)
    if (length === 0) break
    hash.update(part.subarray(0, length))
    const frame = await writeFrame(part.subarray(0, length))
    await target.writeFile(frame)
    frames.push({ bytes: frame.length, length })
    after += frame.length
    position += length
  }
  const table = writeTable(frames)
  await target.writeFile(table)
  await target.sync()
  return { digest: hash.digest('hex'), after: after + table.length }
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  using file = openCompressedFile(path)
  const part = Buffer.allocUnsafe(FRAME_BYTES)
  for (let position = 0; position < file.size;) {
    const length = await file.read(part, position)
    if (length === 0) break
    hash.update(part.subarray(0, length))
    position += length
  }
  return hash.digest('hex')
}
