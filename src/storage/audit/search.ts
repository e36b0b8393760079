import { join } from 'node:path'
import { listLog, type LogPlace } from './files.ts'
import { openLogFile } from './log-file.ts'

const BLOCK_BYTES = 1024 * 1024
const MARK = Buffer.from('"eventID":"')
/** A mark and the id behind it, a UUID. */
const HIT_BYTES = MARK.length + 36

/** Says which of `eventIds` an audit log holds behind `since`. Reads each file once, a block at a time. */
export async function findRecords(
  directory: string,
  eventIds: ReadonlySet<string>,
  since: LogPlace,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  for (const name of await listLog(directory)) {
    if (name < since.file) continue
    await searchFile(join(directory, name), name === since.file ? since.offset : 0, (eventId) => {
      if (eventIds.has(eventId)) found.add(eventId)
    })
    if (found.size === eventIds.size) break
  }
  return found
}

async function searchFile(path: string, start: number, onEvent: (eventId: string) => void): Promise<void> {
  using file = openLogFile(path)
  const block = Buffer.allocUnsafe(BLOCK_BYTES)
  let position = start
  // What may be the beginning of a hit is carried over into the next block.
  let carried = 0
  for (;;) {
    const bytesRead = await file.read(block.subarray(carried), position)
    if (bytesRead === 0) return
    position += bytesRead
    const bytes = block.subarray(0, carried + bytesRead)
    const rest = Math.max(0, bytes.length - HIT_BYTES + 1)
    for (let at = bytes.indexOf(MARK); at >= 0 && at < rest; at = bytes.indexOf(MARK, at + MARK.length)) {
      onEvent(bytes.toString('latin1', at + MARK.length, at + HIT_BYTES))
    }
    carried = bytes.length - rest
    block.copyWithin(0, rest, bytes.length)
  }
}
