import type { AuditReader } from '../../storage/audit/reader.ts'

/** How many records are read at first; where too few of them are wanted, ten times as many, and so on. */
const FIRST = 1000
const MORE = 10

/**
 * The last `count` wanted records, the oldest first; null for all since a moment. Read from the end, as far as it takes:
 * all that is held is what is given.
 *
 * @param since nothing before it is wanted, in epoch milliseconds
 */
export async function* lastRecords(
  reader: AuditReader,
  count: number | null,
  isWanted: (record: string) => boolean,
  since: number,
): AsyncGenerator<string> {
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
async function look(reader: AuditReader, window: number, count: number, isWanted: (record: string) => boolean) {
  let kept: string[] = []
  let read = 0
  let first = Number.NaN
  for await (const record of reader.last(window)) {
    if (read === 0) first = Date.parse(/"eventTime":"([^"]*)"/.exec(record)?.[1] ?? '')
    read += 1
    if (count === 0 || !isWanted(record)) continue
    kept.push(record)
    if (kept.length > 2 * count) kept = kept.slice(-count)
  }
  return { kept: kept.slice(-count), read, first }
}

/** Those records that are wanted. */
export async function* wantedOf(
  records: AsyncIterable<string>,
  isWanted: (record: string) => boolean,
): AsyncGenerator<string> {
  for await (const record of records) if (isWanted(record)) yield record
}
