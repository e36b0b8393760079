import { readdirSync, rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { dayOf, filesSince, listLog, type LogPlace } from '../audit/files.ts'
import { hasLogFile } from '../audit/log-file.ts'
import { FULL_BYTES } from './tail.ts'
import { openFileIndex, SEGMENT, type FileIndex } from './file-index.ts'

/** A log that is indexed: where it is, and where its index is. */
export interface IndexedLog {
  /** A Region, or `global`. */
  readonly name: string
  readonly directory: string
  readonly index: string
}

/** The index of one Region's log. */
export interface LogIndex {
  /** Its files, the newest first. */
  readonly files: readonly FileIndex[]
  /**
   * Says how far the log goes, and from which day on it is looked up, as `YYYY-MM-DD`. The index of what is older is
   * deleted.
   */
  follow(place: LogPlace, since: string): Promise<void>
  /** Those files that are not taken in and can hold events of that day or later. */
  missing(day: string): readonly FileIndex[]
  /** Takes in a portion, the newest file first. False where nothing was missing. */
  advance(day: string): Promise<boolean>
}

/** The name of the log of what belongs to no Region. */
export const GLOBAL = 'global'

/**
 * Opens the index of a log.
 *
 * @param segmentBytes how much of it stays in memory
 */
export async function openLogIndex(
  { name, directory, index }: IndexedLog,
  segmentBytes = FULL_BYTES,
): Promise<LogIndex> {
  await mkdir(index, { recursive: true, mode: 0o700 })
  const files = new Map<string, FileIndex>()
  let place: LogPlace = { file: '', offset: 0 }
  let listedFor = ''
  let newestFirst: readonly FileIndex[] = []

  /** How far a file is to be taken in, in bytes; null where it grows no more. */
  const endOf = ({ name: file }: FileIndex): number | null => (file === place.file ? place.offset : null)
  const isMissing = (file: FileIndex): boolean => !file.isAt(endOf(file))

  async function list(since: string): Promise<void> {
    const names = (await listLog(directory)).filter((each) => each <= place.file)
    const wanted = filesSince(names, since)
    const segments = readdirSync(index)
    for (const segment of segments) {
      const [, log = ''] = SEGMENT.exec(segment) ?? []
      if (!wanted.includes(log)) rmSync(join(index, segment), { force: true })
    }
    for (const each of files.keys()) if (!wanted.includes(each)) files.delete(each)
    for (const each of wanted) {
      if (files.has(each)) continue
      const own = segments.filter((segment) => SEGMENT.exec(segment)?.[1] === each)
      files.set(each, openFileIndex(directory, index, each, own, { isGlobal: name === GLOBAL, segmentBytes }))
    }
    newestFirst = wanted.toReversed().flatMap((each) => files.get(each) ?? [])
  }

  function missing(day: string): readonly FileIndex[] {
    return newestFirst.filter((file, number) => {
      const next = newestFirst[number - 1]
      return (next === undefined || dayOf(next.name) >= day) && isMissing(file)
    })
  }

  return {
    get files() {
      return newestFirst
    },
    async follow(now, since) {
      place = now
      const oldest = newestFirst.at(-1)
      const isDeleted = oldest !== undefined && !hasLogFile(oldest.path)
      const listing = `${now.file} ${since}`
      if (listing === listedFor && !isDeleted) return
      await list(since)
      listedFor = listing
    },
    missing,
    async advance(day) {
      const [file] = missing(day)
      await file?.advance(endOf(file))
      return file !== undefined
    },
  }
}
