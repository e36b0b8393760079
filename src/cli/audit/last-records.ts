import type { AuditReader } from '../../storage/audit/reader.ts'

/** How many records are read at first; where too few of them are wanted, ten times as many, and so on. */
const FIRST = 1000
const MORE = 10

/**
 * The last `count` wanted records, the oldest first; null for all since a moment. Read from the end, as far as it takes:
 * of those that are told apart, what is given is held.
 *
 * @param isWanted null where all are
 * @param since nothing before it is wanted, in epoch milliseconds
 */
export async function* lastRecords(
  reader: AuditReader,
  count: number | null,
  isWanted: ((record: string) => boolean) | null,
  since: number,
): AsyncGenerator<string> {
  if (isWanted === null && count !== null) return yield* reader.last(count)
  for (let window = FIRST; ; window *= MORE) {
    const { kept, read, first } = await look(reader, window, count ?? 0, isWanted)
    const isEnough = count !== null && kept.length >= count
    if (read < window || isEnough || first < since) {
      if (count === null) yield* wantedOf(reader.last(window), isWanted)
      else yield* kept
      return
    }
  }
}

/** The last wanted ones of so many records, how many records there were, and the time of the first. */
async function look(
  reader: AuditReader,
  window: number,
  count: number,
  isWanted: ((record: string) => boolean) | null,
) {
  let kept: string[] = []
  let read = 0
  let first = Number.NaN
  for await (const record of reader.last(window)) {
    if (read === 0) first = Date.parse(/"eventTime":"([^"]*)"/.exec(record)?.[1] ?? '')
    read += 1
    if (count === 0 || isWanted?.(record) === false) continue
    kept.push(record)
    if (kept.length > 2 * count) kept = kept.slice(-count)
  }
  return { kept: kept.slice(-count), read, first }
}

/** Those records that are wanted; null where all are. */
export async function* wantedOf(
  records: AsyncIterable<string>,
  isWanted: ((record: string) => boolean) | null,
): AsyncGenerator<string> {
  for await (const record of records) if (isWanted?.(record) ?? true) yield record
}
