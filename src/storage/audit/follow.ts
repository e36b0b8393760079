import { join } from 'node:path'
import { listLog, type LogPlace } from './files.ts'
import { linesFrom } from './lines.ts'

/** A record of a log that is followed. */
export interface FollowedRecord {
  readonly text: string
  /** Where it begins: it can be read again from there. */
  readonly begin: LogPlace
  /** Where it ends: whoever has dealt with it goes on from there. */
  readonly place: LogPlace
}

/**
 * The records of a log from a place up to another, in their order: those that were read a moment ago, and no more of
 * them are in memory. Whoever keeps the place of the last one that is done with can break off at any record, or be
 * killed, and goes on from there.
 *
 * Files follow each other as they were begun; one that was deleted since is passed over.
 *
 * @param from where a record begins: the place of one that was followed, or the beginning, `{ file: '', offset: 0 }`
 * @param end the end of what is synced (`AuditLog.place`); null for all that is written
 */
export async function* followLog(
  directory: string,
  from: LogPlace,
  end: LogPlace | null,
): AsyncGenerator<FollowedRecord> {
  if (end !== null && !isBefore(from, end)) return
  const names = (await listLog(directory)).filter((name) => name >= from.file && (end === null || name <= end.file))
  for (const file of names) {
    let begin = file === from.file ? from : { file, offset: 0 }
    for await (const line of linesFrom(join(directory, file), begin.offset)) {
      const place = { file, offset: line.end }
      if (end !== null && isBefore(end, place)) return
      yield { text: line.text, begin, place }
      begin = place
    }
  }
}

/** Says whether a place in a log stands before another in the same log. */
export function isBefore(one: LogPlace, other: LogPlace): boolean {
  return one.file < other.file || (one.file === other.file && one.offset < other.offset)
}
