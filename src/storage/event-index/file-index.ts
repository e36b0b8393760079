import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { linesBetween } from '../audit/lines.ts'
import { openLogFile } from '../audit/log-file.ts'
import type { Entry } from './entries.ts'
import { attributesOf, readEvent } from './event.ts'
import { tokensFor } from './known-tokens.ts'
import { findEntries, markOf, openSegment, writeSegment, type Segment } from './segment.ts'
import { createTail } from './tail.ts'

/** About how many records are taken in before others have their turn: a tenth of a second's work. */
const PORTION = 4096

/** The index of one file of a log: what was written of it, and behind that what is in memory. */
export interface FileIndex {
  /** The file's name. */
  readonly name: string
  readonly path: string
  /** Whether all is taken in that stands before `to`, in bytes; null is the end of a file that grows no more. */
  isAt(to: number | null): boolean
  /** Takes in a portion of that. Of a file that grows no more nothing stays in memory. */
  advance(to: number | null): Promise<void>
  /** Where events of a time from `oldest` to `newest` can be, in seconds since 1970. */
  pieces(oldest: number, newest: number): readonly Piece[]
  /** Deletes what was written, and begins again. */
  forget(): void
}

/** A part of a file's index. */
export interface Piece {
  /** The time of its last event, in seconds since 1970. */
  readonly newest: number
  /** The entries of a token up to `last`, the newest first. */
  find(last: Entry): Iterator<Entry, undefined>
}

/** The name of a segment's file: that of the log's, and where it begins. */
export const SEGMENT = /^(.*\.jsonl)\.(\d+)\.index$/

/**
 * The index of a file, with those of its segments that are whole and of this file; the others are deleted.
 *
 * @param found the names of its segments
 */
export function openFileIndex(
  log: string,
  directory: string,
  name: string,
  found: readonly string[],
  { isGlobal, segmentBytes }: { readonly isGlobal: boolean; readonly segmentBytes: number },
): FileIndex {
  const path = join(log, name)
  const segments = usable(path, directory, found)
  const tail = createTail(segmentBytes)
  let end = segments.at(-1)?.to ?? 0
  /** There is nothing more to be taken in of what grows no more. */
  let isComplete = false

  function takeIn(line: string, offset: number): void {
    const event = readEvent(line, isGlobal)
    if (event === null) return
    const tokens = tokensFor(event)
    tail.add({ token: tokens.ofAll, time: event.time, offset })
    for (const attribute of attributesOf(event)) tail.add({ token: tokens.of(attribute), time: event.time, offset })
  }
  function write(): void {
    const from = segments.at(-1)?.to ?? 0
    if (end === from) return
    using file = openLogFile(path)
    const part = { from, to: end, mark: markOf(file, end) }
    segments.push(writeSegment(join(directory, `${name}.${from}.index`), tail.bytes, part))
    tail.clear()
  }

  return {
    name,
    path,
    isAt: (to) => isComplete || (to !== null && end >= to),
    async advance(to) {
      let count = 0
      for await (const lines of linesBetween(path, end, to ?? Number.MAX_SAFE_INTEGER)) {
        for (const line of lines) {
          takeIn(line.toString(), end)
          end += line.length + 1
          if (tail.isFull) write()
        }
        count += lines.length
        if (count >= PORTION) break
      }
      if (to !== null || count >= PORTION) return
      write()
      isComplete = true
      tail.release()
    },
    pieces(oldest, newest) {
      const written = segments.filter((segment) => segment.newest >= oldest && segment.oldest <= newest)
      const pieces = written.map(pieceOf)
      const inMemory: Piece = {
        newest,
        find: (last) =>
          tail
            .find(last.token)
            .values()
            .filter(({ time, offset }) => time < last.time || (time === last.time && offset <= last.offset)),
      }
      return tail.bytes.length === 0 ? pieces : [...pieces, inMemory]
    },
    forget() {
      for (const segment of segments.splice(0)) rmSync(segment.path, { force: true })
      tail.release()
      end = 0
      isComplete = false
    },
  }
}

function pieceOf(segment: Segment): Piece {
  return { newest: segment.newest, find: (last) => findEntries(segment, last) }
}

/** Those that follow each other from the beginning of the file, as long as they are whole. */
function usable(log: string, directory: string, found: readonly string[]): Segment[] {
  if (found.length === 0) return []
  using file = openLogFile(log)
  const segments: Segment[] = []
  const byBeginning = found.toSorted((one, other) => beginningOf(one) - beginningOf(other))
  for (const name of byBeginning) {
    const path = join(directory, name)
    const segment = tryToOpen(path)
    const follows = segment !== null && segment.from === (segments.at(-1)?.to ?? 0)
    if (follows && file.size >= segment.to && markOf(file, segment.to) === segment.mark) segments.push(segment)
    else rmSync(path, { force: true })
  }
  return segments
}

function tryToOpen(path: string): Segment | null {
  try {
    return existsSync(path) ? openSegment(path) : null
  } catch {
    // It is made again.
    return null
  }
}

function beginningOf(segment: string): number {
  return Number(SEGMENT.exec(segment)?.[2])
}
