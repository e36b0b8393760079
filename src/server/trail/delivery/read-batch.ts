import { join } from 'node:path'
import { listLog, type LogPlace } from '../../../storage/audit/files.ts'
import { linesBetween } from '../../../storage/audit/lines.ts'

/** How much of a log is delivered at once, in bytes: what a file of a trail has at most, before it is compressed. */
const BATCH_BYTES = 4 * 1024 * 1024

/** A part of a log. */
export interface Batch {
  readonly from: LogPlace
  readonly to: LogPlace
  readonly lines: readonly Buffer[]
}

/** Reads a log from one place on, up to another: as much as is delivered at once. */
export async function readBatch(directory: string, from: LogPlace, until: LogPlace): Promise<Batch> {
  const lines: Buffer[] = []
  let bytes = 0
  for (const file of await listLog(directory)) {
    if (file < from.file || file > until.file) continue
    let offset = file === from.file ? from.offset : 0
    const end = file === until.file ? until.offset : Number.MAX_SAFE_INTEGER
    for await (const read of linesBetween(join(directory, file), offset, end)) {
      for (const line of read) {
        lines.push(line)
        offset += line.length + 1
        bytes += line.length + 1
      }
      if (bytes >= BATCH_BYTES) return { from, to: { file, offset }, lines }
    }
  }
  return { from, to: until, lines }
}
