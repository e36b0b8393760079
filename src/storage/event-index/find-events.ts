import { openLogFile, type LogFile } from '../audit/log-file.ts'
import { LAST, type Entry } from './entries.ts'
import { isAsked, readEvent, tokenOf, type EventFilter } from './event.ts'
import type { FileIndex, Piece } from './file-index.ts'
import { GLOBAL } from './log-index.ts'
import { DamagedSegmentError } from './segment.ts'

/** What is looked up. */
export interface EventQuery {
  /** In which logs, by their names, and what in each. */
  readonly sources: readonly { readonly log: string; readonly filter: EventFilter }[]
  /** The first and the last second, since 1970. */
  readonly oldest: number
  readonly newest: number
  /** How many events at most. */
  readonly limit: number
  /** The last event that was found before; null at the beginning. */
  readonly after: EventPosition | null
}

/** Where an event stands in the order in which events are found. */
export interface EventPosition {
  readonly time: number
  /** The number of its source in the query. */
  readonly source: number
  readonly file: string
  readonly offset: number
}

/** What was found, the newest first. */
export interface FoundEvents {
  readonly records: readonly string[]
  /** Where each of them stands. */
  readonly places: readonly EventPosition[]
  /** The last of them where there are more; else null. */
  readonly last: EventPosition | null
}

/** A piece of a file's index, of one source of a query. */
interface Place {
  readonly source: number
  readonly file: FileIndex
  readonly piece: Piece
}

/** The entries of a piece, the next of them taken out. */
interface Stream extends Place {
  readonly entries: Iterator<Entry, undefined>
  head: Entry
}

/**
 * Finds events, the newest first. Of the index a few pages are read, and of the log the records that are found.
 *
 * @param filesOf the index of a log
 * @throws DamagedSegmentError where a file's index is not as it was written; it is forgotten
 */
export function findEvents(query: EventQuery, filesOf: (log: string) => readonly FileIndex[]): FoundEvents {
  const records: string[] = []
  const places: EventPosition[] = []
  using logs = openLogs()
  for (const { source, file, head } of walk(query, filesOf)) {
    if (records.length === query.limit) return { records, places, last: places.at(-1) ?? null }
    const { log, filter } = sourceOf(query, source)
    const record = readRecord(logs.open(file.path), head.offset)
    const event = readEvent(record, log === GLOBAL)
    if (event === null) {
      file.forget()
      throw new DamagedSegmentError(`No record begins at ${head.offset} of ${file.path}.`)
    }
    // Others may have the same token.
    if (!isAsked(event, filter)) continue
    records.push(record)
    places.push({ time: head.time, source, file: file.name, offset: head.offset })
  }
  return { records, places, last: null }
}

/** Goes through the entries of all pieces in order. A piece is opened when its newest event may be the next. */
function* walk(query: EventQuery, filesOf: (log: string) => readonly FileIndex[]): Generator<Stream> {
  const closed = placesOf(query, filesOf)
  const streams: Stream[] = []
  try {
    for (;;) {
      let first = firstOf(streams)
      for (let next = closed.at(-1); next !== undefined; next = closed.at(-1)) {
        if (first !== undefined && next.piece.newest < first.head.time) break
        closed.pop()
        const stream = open(next, query)
        if (stream !== null) streams.push(stream)
        first = firstOf(streams)
      }
      if (first === undefined || first.head.time < query.oldest) return
      yield first
      if (!moveOn(first)) streams.splice(streams.indexOf(first), 1)
    }
  } finally {
    for (const { entries } of streams) entries.return?.()
  }
}

/** The pieces that can hold what is asked for, the newest last. */
function placesOf({ sources, oldest, newest, after }: EventQuery, filesOf: (log: string) => readonly FileIndex[]) {
  const until = after?.time ?? newest
  const places = sources.flatMap(({ log }, source) =>
    filesOf(log).flatMap((file) => file.pieces(oldest, until).map((piece): Place => ({ source, file, piece }))),
  )
  return places.toSorted((one, other) => one.piece.newest - other.piece.newest)
}

function open(place: Place, query: EventQuery): Stream | null {
  const { filter } = sourceOf(query, place.source)
  const last = { token: tokenOf(filter), ...boundOf(place, query) }
  const stream: Stream = { ...place, entries: place.piece.find(last), head: last }
  return moveOn(stream) ? stream : null
}

function moveOn(stream: Stream): boolean {
  try {
    const { done, value } = stream.entries.next()
    if (done === true) return false
    stream.head = value
    return true
  } catch (error) {
    if (error instanceof DamagedSegmentError) stream.file.forget()
    throw error
  }
}

/** The last time and offset in a file that come after what was found before. */
function boundOf({ source, file }: Place, { after, newest }: EventQuery): Pick<Entry, 'time' | 'offset'> {
  if (after === null) return { ...LAST, time: newest }
  const { time, offset } = after
  if (source === after.source && file.name === after.file && offset > 0) return { time, offset: offset - 1 }
  const comesLater = source > after.source || (source === after.source && file.name < after.file)
  return { ...LAST, time: comesLater ? time : time - 1 }
}

/** The stream whose head is the next: by time, and within a second by source, file and place. */
function firstOf(streams: readonly Stream[]): Stream | undefined {
  return streams.reduce<Stream | undefined>(
    (first, stream) => (first === undefined || isBefore(stream, first) ? stream : first),
    undefined,
  )
}

function isBefore(one: Stream, other: Stream): boolean {
  if (one.head.time !== other.head.time) return one.head.time > other.head.time
  if (one.source !== other.source) return one.source < other.source
  if (one.file.name !== other.file.name) return one.file.name > other.file.name
  return one.head.offset > other.head.offset
}

function sourceOf({ sources }: EventQuery, number: number): EventQuery['sources'][number] {
  const source = sources[number]
  if (source === undefined) throw new Error('INVARIANT: what is found has a source')
  return source
}

const RECORD_BYTES = 8192
const NEWLINE = 0x0a

/** The record that begins at a place of a file; what is there, where none does. */
function readRecord(log: LogFile, offset: number): string {
  for (let size = RECORD_BYTES; ; size *= 4) {
    const bytes = Buffer.allocUnsafe(size)
    const read = log.readNow(bytes, offset)
    const end = bytes.subarray(0, read).indexOf(NEWLINE)
    if (end >= 0 || read < size) return bytes.toString('utf8', 0, Math.max(end, 0))
  }
}

/** The files of logs that records are read from, each opened once. */
function openLogs() {
  const files = new Map<string, LogFile>()
  return {
    open(path: string): LogFile {
      let file = files.get(path)
      if (file === undefined) files.set(path, (file = openLogFile(path)))
      return file
    },
    [Symbol.dispose]() {
      for (const file of files.values()) file[Symbol.dispose]()
    },
  }
}
