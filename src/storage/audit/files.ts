import { readdir } from 'node:fs/promises'

/**
 * A place in an audit log: what is appended once it was taken stands behind it. Files are ordered by their names; the
 * empty name stands before all.
 */
export interface LogPlace {
  readonly file: string
  /** In bytes. */
  readonly offset: number
}

const DAY_MS = 24 * 60 * 60 * 1000

/** A day's first file is named by the day, each further one by the second in which it begins: names sort by time. */
const NAME = /^\d{4}-\d\d-\d\d(?:T\d{6}Z)?\.jsonl$/

/**
 * The names of a log's files, the oldest first; of those that are compressed, the names that they had before. A log to
 * which nothing was written may have no directory.
 */
export async function listLog(directory: string): Promise<readonly string[]> {
  const found = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const names = found.map((name) => name.replace(/\.zst$/, ''))
  return [...new Set(names)].filter((name) => NAME.test(name) && !Number.isNaN(beginningOf(name))).toSorted()
}

/** Those of a log's files that can hold records of a day or of later ones: a file has them until the next one begins. */
export function filesSince(names: readonly string[], day: string): readonly string[] {
  return names.filter((_, number) => dayOf(names[number + 1] ?? '9999') >= day)
}

/** The day of a file, as `YYYY-MM-DD`. */
export function dayOf(name: string): string {
  return name.slice(0, 10)
}

/** The day of a moment, as `YYYY-MM-DD`. */
export function dayAt(now: number): string {
  return new Date(now).toISOString().slice(0, 10)
}

/** A place in every log that stands before one in some log: what was recorded then is in no earlier day's files. */
export function dayBefore({ file }: LogPlace): LogPlace {
  const day = Date.parse(dayOf(file))
  return { file: Number.isNaN(day) ? '' : `${dayAt(day - DAY_MS)}.jsonl`, offset: 0 }
}

/**
 * The name of the file that follows `last`. It sorts behind it even where the clock has gone back, or two files begin
 * in one second.
 */
export function nameAfter(last: string | null, now: number): string {
  const begins = last === null ? now : Math.max(now, beginningOf(last) + 1000)
  const day = dayAt(begins)
  if (last === null || day > dayOf(last)) return `${day}.jsonl`
  return `${day}T${new Date(begins).toISOString().slice(11, 19).replaceAll(':', '')}Z.jsonl`
}

function beginningOf(name: string): number {
  const [, day = '', hours = '00', minutes = '00', seconds = '00'] =
    /^(.{10})(?:T(..)(..)(..)Z)?\.jsonl$/.exec(name) ?? []
  return Date.parse(`${day}T${hours}:${minutes}:${seconds}Z`)
}
