import {
  constants,
  openSync,
  fstatSync,
  ftruncateSync,
  writeSync,
  readSync,
  closeSync,
  fdatasync,
  fdatasyncSync,
  fsyncSync,
} from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A record is on disk at the latest this long after it was written, in milliseconds. */
export const SYNC_WITHIN_MS = 20

/** When an answer may be given: once its record is written, or only once it is synced to disk. */
export type AuditMode = 'normal' | 'strict'

/**
 * One Region's audit log: a file of JSON lines a day, to which records are only appended.
 *
 * Records that arrive together are written with one call. Whoever appends waits for the write, and where asked for
 * (or in strict mode) for the sync; a write that fails refuses everybody who waits for it.
 */
export interface AuditLog {
  /** Puts a record into the next group. Resolves when it is written, or synced where `synced` is true. */
  append(line: string, synced: boolean): Promise<void>
  /** Writes the group now: called by the server at the end of each batch of requests. */
  flush(): void
  close(): Promise<void>
}

interface Waiter {
  resolve(): void
  reject(error: unknown): void
}

/** Opens the audit log in `directory`; a last line that a power cut tore is cut off. */
export async function openAuditLog(directory: string, mode: AuditMode, now: () => number): Promise<AuditLog> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  return new FileAuditLog(directory, mode, now)
}

/** Says which of `eventIds` the last two files of a log hold: what a crash may have left unwritten is not older. */
export async function findRecords(directory: string, eventIds: readonly string[]): Promise<ReadonlySet<string>> {
  const files = (await readdir(directory)).filter((name) => name.endsWith('.jsonl')).toSorted()
  const found = new Set<string>()
  for (const file of files.slice(-2)) {
    const text = await readFile(join(directory, file), 'utf8')
    for (const eventId of eventIds) if (text.includes(`"eventID":"${eventId}"`)) found.add(eventId)
  }
  return found
}

class FileAuditLog implements AuditLog {
  readonly #directory: string
  readonly #strict: boolean
  readonly #now: () => number
  #day = ''
  #file = -1
  #lines: string[] = []
  #written: Waiter[] = []
  #synced: Waiter[] = []
  #isFlushScheduled = false
  #isClosed = false
  #syncTimer: NodeJS.Timeout | null = null
  #syncing: Promise<void> | null = null

  constructor(directory: string, mode: AuditMode, now: () => number) {
    this.#directory = directory
    this.#strict = mode === 'strict'
    this.#now = now
  }

  append(line: string, synced: boolean): Promise<void> {
    if (this.#isClosed) return Promise.reject(new Error('The audit log is closed: no record, no answer.'))
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#lines.push(line)
    const waiters = synced || this.#strict ? this.#synced : this.#written
    waiters.push({ resolve, reject })
    if (!this.#isFlushScheduled) {
      this.#isFlushScheduled = true
      setImmediate(() => this.flush())
    }
    return promise
  }

  flush(): void {
    this.#isFlushScheduled = false
    if (this.#lines.length === 0) return
    const group = `${this.#lines.join('\n')}\n`
    const { written, synced } = this.#takeWaiters()
    try {
      writeWhole(this.#openToday(), group)
    } catch (error) {
      for (const waiter of [...written, ...synced]) waiter.reject(error)
      return
    }
    for (const waiter of written) waiter.resolve()
    if (synced.length > 0) void this.#sync(synced)
    else this.#syncTimer ??= setTimeout(() => void this.#sync([]), SYNC_WITHIN_MS)
  }

  async close(): Promise<void> {
    this.flush()
    this.#isClosed = true
    // First of all: a sync that begins while others are waited for would find the file closed.
    if (this.#syncTimer !== null) clearTimeout(this.#syncTimer)
    // Whoever waits for the sync that is running begins the next one.
    while (this.#syncing !== null) await this.#syncing
    if (this.#file < 0) return
    fdatasyncSync(this.#file)
    closeSync(this.#file)
    this.#file = -1
  }

  #takeWaiters() {
    const waiters = { written: this.#written, synced: this.#synced }
    this.#lines = []
    this.#written = []
    this.#synced = []
    return waiters
  }

  /** Syncs what is written. One sync runs at a time; who comes meanwhile shares the next. */
  async #sync(waiters: Waiter[]): Promise<void> {
    if (this.#syncTimer !== null) clearTimeout(this.#syncTimer)
    this.#syncTimer = null
    while (this.#syncing !== null) await this.#syncing
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#syncing = promise
    fdatasync(this.#file, (error) => {
      this.#syncing = null
      resolve()
      for (const waiter of waiters) {
        if (error === null) waiter.resolve()
        else waiter.reject(error)
      }
    })
    return promise
  }

  #openToday(): number {
    const day = new Date(this.#now()).toISOString().slice(0, 10)
    if (day === this.#day) return this.#file
    const previous = this.#file
    this.#file = openForAppend(join(this.#directory, `${day}.jsonl`))
    this.#day = day
    syncDirectory(this.#directory)
    if (previous >= 0) {
      fdatasyncSync(previous)
      closeSync(previous)
    }
    return this.#file
  }
}

function openForAppend(path: string): number {
  const file = openSync(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o600)
  const size = fstatSync(file).size
  const whole = lengthOfWholeLines(file, size)
  if (whole < size) ftruncateSync(file, whole)
  return file
}

/** A line that was not written to its end was never answered for. */
function lengthOfWholeLines(file: number, size: number): number {
  const block = Buffer.allocUnsafe(4096)
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - block.length)
    const count = readSync(file, block, 0, end - start, start)
    const newline = block.subarray(0, count).lastIndexOf(0x0a)
    if (newline >= 0) return start + newline + 1
    end = start
  }
  return 0
}

/** Writes all of `text` or, where the disk is full, nothing of it. */
function writeWhole(file: number, text: string): void {
  const bytes = Buffer.from(text)
  let offset = 0
  try {
    while (offset < bytes.length) offset += writeSync(file, bytes, offset)
  } catch (error) {
    ftruncateSync(file, fstatSync(file).size - offset)
    throw error
  }
}

function syncDirectory(path: string): void {
  const directory = openSync(path, constants.O_RDONLY)
  fsyncSync(directory)
  closeSync(directory)
}
