import { hash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync, renameSync, writeFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import type { LogFile } from '../audit/log-file.ts'
import { ENTRY_BYTES, orderOf, readEntry, writeEntry, type Entry } from './entries.ts'

/**
 * A piece of the index in a file: the sorted entries of a part of one file of the log. A page is 255 entries and a
 * checksum of them; the first page says what the segment is.
 */
export interface Segment {
  readonly path: string
  /** The part of the log's file that it covers, in bytes. */
  readonly from: number
  readonly to: number
  /** How many entries it has. */
  readonly count: number
  /** The times of the first and the last event, in seconds since 1970. */
  readonly oldest: number
  readonly newest: number
  /** What stands before `to` in the log's file: another file has another. */
  readonly mark: string
}

/** A segment that is not as it was written. */
export class DamagedSegmentError extends Error {}

const FORMAT = 1
const PAGE_BYTES = 4096
const PAGE_ENTRIES = 255
const CHECKED_BYTES = PAGE_ENTRIES * ENTRY_BYTES
/** How much of the log a mark is made of, in bytes. */
const MARKED_BYTES = 4096

/** Writes the entries of a tail, whole or not at all. What a cut of power takes away is made again. */
export function writeSegment(path: string, entries: Buffer, { from, to, mark }: Pick<Segment, 'from' | 'to' | 'mark'>) {
  const order = orderOf(entries)
  const bytes = Buffer.alloc(PAGE_BYTES * (1 + Math.ceil(order.length / PAGE_ENTRIES)))
  let oldest = Number.POSITIVE_INFINITY
  let newest = 0
  order.forEach((number, index) => {
    const at = placeOf(index)
    entries.copy(bytes, at, number * ENTRY_BYTES, (number + 1) * ENTRY_BYTES)
    const { time } = readEntry(bytes, at)
    oldest = Math.min(oldest, time)
    newest = Math.max(newest, time)
  })
  const head = { format: FORMAT, from, to, mark, count: order.length, oldest: order.length === 0 ? 0 : oldest, newest }
  bytes.write(JSON.stringify(head))
  for (let page = 0; page < bytes.length; page += PAGE_BYTES) {
    bytes.writeUInt32BE(crc32(bytes.subarray(page, page + CHECKED_BYTES)), page + CHECKED_BYTES)
  }
  writeFileSync(`${path}.new`, bytes, { mode: 0o600 })
  renameSync(`${path}.new`, path)
  return { path, ...head }
}

/**
 * Reads what a segment says of itself.
 *
 * @throws DamagedSegmentError where it is not whole, or of another release
 */
export function openSegment(path: string): Segment {
  const file = openSync(path, 'r')
  try {
    const page = readPage(file, 0, path)
    const { format, ...head } = JSON.parse(page.toString('utf8', 0, page.indexOf(0))) as Omit<Segment, 'path'> & {
      format: number
    }
    const size = PAGE_BYTES * (1 + Math.ceil(head.count / PAGE_ENTRIES))
    if (format !== FORMAT || fstatSync(file).size !== size) throw new DamagedSegmentError(`${path} is not whole.`)
    return { path, ...head }
  } finally {
    closeSync(file)
  }
}

/** A mark of what stands before `to` in a file of the log. */
export function markOf(log: LogFile, to: number): string {
  const bytes = Buffer.alloc(Math.min(to, MARKED_BYTES))
  log.readNow(bytes, to - bytes.length)
  return hash('sha256', bytes, 'base64')
}

/**
 * The entries of a token up to `last`, the newest first. Few pages are read, however many there are.
 *
 * @throws DamagedSegmentError where a page is not as it was written
 */
export function* findEntries(segment: Segment, last: Entry): Generator<Entry> {
  const file = openSync(segment.path, 'r')
  const pages = new Map<number, Buffer>()
  const entryAt = (index: number): Buffer => {
    const number = 1 + Math.floor(index / PAGE_ENTRIES)
    let page = pages.get(number)
    if (page === undefined) {
      if (pages.size >= PAGES_KEPT) pages.clear()
      pages.set(number, (page = readPage(file, number, segment.path)))
    }
    const at = placeOf(index) % PAGE_BYTES
    return page.subarray(at, at + ENTRY_BYTES)
  }
  try {
    const key = Buffer.allocUnsafe(ENTRY_BYTES)
    writeEntry(key, 0, last)
    let low = 0
    let high = segment.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (Buffer.compare(entryAt(middle), key) <= 0) low = middle + 1
      else high = middle
    }
    for (let index = low - 1; index >= 0; index -= 1) {
      const entry = readEntry(entryAt(index), 0)
      if (entry.token !== last.token) return
      yield entry
    }
  } finally {
    closeSync(file)
  }
}

const PAGES_KEPT = 16

function placeOf(index: number): number {
  return PAGE_BYTES * (1 + Math.floor(index / PAGE_ENTRIES)) + (index % PAGE_ENTRIES) * ENTRY_BYTES
}

function readPage(file: number, number: number, path: string): Buffer {
  const page = Buffer.allocUnsafe(PAGE_BYTES)
  const read = readSync(file, page, 0, PAGE_BYTES, number * PAGE_BYTES)
  const isWhole = read === PAGE_BYTES && page.readUInt32BE(CHECKED_BYTES) === crc32(page.subarray(0, CHECKED_BYTES))
  if (!isWhole) throw new DamagedSegmentError(`Page ${number} of ${path} is damaged.`)
  return page
}
