import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { filesSince, listLog, type LogPlace } from './files.ts'
import { followLog } from './follow.ts'
import { findLastLines, linesFrom } from './lines.ts'

/** Reads the audit logs of a deployment, whether or not its server runs. It holds a record of each Region at a time. */
export interface AuditReader {
  /** The last `count` records of all Regions, by time. */
  last(count: number): AsyncIterable<string>
  /** What has been recorded since the last call. */
  next(): AsyncIterable<string>
}

/**
 * Opens the audit logs below `directory`, one folder a Region.
 *
 * @param region only that one; null for all
 * @throws Error where there is no log, or none of `region`
 */
export async function openAuditReader(directory: string, region: string | null): Promise<AuditReader> {
  const known = await readdir(directory).catch((error: unknown) => {
    throw new Error(`There is no audit log in ${directory}. Give the data directory of a server with --data.`, {
      cause: error,
    })
  })
  if (region !== null && !known.includes(region)) {
    throw new Error(`There is no audit log of "${region}" in ${directory}. There are: ${known.toSorted().join(', ')}.`)
  }
  /** How far each log has been read. */
  const places = new Map<string, LogPlace>()

  async function* next(): AsyncGenerator<string> {
    const names = region === null ? await readdir(directory) : [region]
    const logs = names.map((name) => recordsOf(join(directory, name), name, places))
    yield* merge(logs)
  }

  return {
    async *last(count) {
      let total = 0
      for (const name of region === null ? known : [region]) {
        const { place, lines } = await findLast(join(directory, name), count)
        places.set(name, place)
        total += lines
      }
      for await (const record of next()) {
        total -= 1
        if (total < count) yield record
      }
    },
    next,
  }
}

/**
 * The records of the logs below `directory`, one Region after the other, each in its own order: those of `since`, a day
 * as `YYYY-MM-DD`, and of later ones, with some from before.
 */
export async function* readAuditFiles(directory: string, since: string): AsyncGenerator<string> {
  for (const region of await readdir(directory)) {
    for (const name of filesSince(await listLog(join(directory, region)), since)) {
      for await (const { text } of linesFrom(join(directory, region, name), 0)) yield text
    }
  }
}

/** Where the last `count` records of a log begin, and how many there are of them. */
async function findLast(directory: string, count: number): Promise<{ place: LogPlace; lines: number }> {
  let lines = 0
  let place: LogPlace = { file: '', offset: 0 }
  for (const file of (await listLog(directory)).toReversed()) {
    const found = await findLastLines(join(directory, file), count - lines)
    lines += found.lines
    place = { file, offset: found.start }
    if (lines === count) break
  }
  return { place, lines }
}

/** The records of one log behind the place that is kept under `name`, which moves along. */
async function* recordsOf(directory: string, name: string, places: Map<string, LogPlace>): AsyncGenerator<string> {
  // A file that another follows grows no more: what is listed before it is read is read to its end.
  for await (const { text, place } of followLog(directory, places.get(name) ?? { file: '', offset: 0 }, null)) {
    places.set(name, place)
    yield text
  }
}

/** Merges logs by time; each keeps its own order. */
async function* merge(logs: readonly AsyncGenerator<string>[]): AsyncGenerator<string> {
  const heads: { record: string; time: string; log: AsyncGenerator<string> }[] = []
  const take = async (log: AsyncGenerator<string>): Promise<void> => {
    const { done, value } = await log.next()
    if (done !== true) heads.push({ record: value, time: timeOf(value), log })
  }
  try {
    for (const log of logs) await take(log)
    for (;;) {
      const first = heads.reduce<(typeof heads)[number] | null>(
        (least, head) => (least === null || head.time < least.time ? head : least),
        null,
      )
      if (first === null) return
      heads.splice(heads.indexOf(first), 1)
      yield first.record
      await take(first.log)
    }
  } finally {
    // Whoever stops reading in the middle leaves no file open.
    for (const log of logs) await log.return(undefined)
  }
}

function timeOf(record: string): string {
  return /"eventTime":"([^"]*)"/.exec(record)?.[1] ?? ''
}
