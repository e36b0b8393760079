import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { openAuditFile, type AuditFile } from './file.ts'
import { dayAt, dayOf, listLog, nameAfter, type LogPlace } from './files.ts'
import { findRecords } from './search.ts'
import type { Keeping } from '../sqlite.ts'
import { syncPathNow } from '../whole-file.ts'

/** A record is on disk at the latest this long after it was written, in milliseconds. */
export const SYNC_WITHIN_MS = 20
/** A file is followed by the next one once it has this size, in bytes. */
const FILE_BYTES = 256 * 1024 * 1024
/** Records are written together up to this length, in characters; a longer one stands alone. */
const GROUP_CHARACTERS = 4 * 1024 * 1024
/** For how long a sync waits for others to share it, in milliseconds; and no longer than the last one took. */
const GATHERING_MS = 2
/** How soon records that were answered for are written again where the disk has lost them, in milliseconds. */
const AGAIN_MS = 1000

/** When an answer may be given: once its record is written, or only once it is synced to disk. */
export type AuditMode = 'normal' | 'strict'

/**
 * One Region's audit log: files of JSON lines, to which records are only appended. A file is followed by the next one
 * at the end of its day, or when it is full.
 *
 * Records that arrive together are written with one call. Whoever appends waits for the write, and where asked for
 * (or in strict mode) for the sync. What fails refuses everybody who waits for it, and leaves nothing of theirs.
 */
export interface AuditLog {
  /** Puts a record into the next group. Resolves when it is written, or synced where `synced` is true. */
  append(line: string, synced: boolean): Promise<void>
  /** Writes the group now. Throws nothing. */
  flush(): void
  /** Brings to disk what was written until now. */
  sync(): Promise<void>
  /** The end of what is synced. */
  place(): LogPlace
  /** For how long the oldest record has waited to be synced, in milliseconds; 0 where none waits. */
  delay(): number
  /** Says which of `eventIds` stand in the log behind `since`. */
  find(eventIds: ReadonlySet<string>, since: LogPlace): Promise<ReadonlySet<string>>
  close(): Promise<void>
}

/** How an audit log writes, where it is not as the standard has it. */
export interface AuditLogOptions {
  readonly mode: AuditMode
  /** In bytes. */
  readonly fileBytes?: number
  /** Durable unless told otherwise. */
  readonly keeping?: Keeping
}

interface Waiter {
  resolve(): void
  reject(error: unknown): void
}

/** The file that is appended to. */
interface Current {
  readonly name: string
  readonly file: AuditFile
}

interface Entry {
  readonly line: string
  readonly needsSync: boolean
  /** Null once it is answered. */
  waiter: Waiter | null
}

/** Opens the audit log in `directory`; a last line that a power cut tore is cut off. */
export async function openAuditLog(
  directory: string,
  { mode, fileBytes = FILE_BYTES, keeping = 'durable' }: AuditLogOptions,
  now: () => number,
): Promise<AuditLog> {
  const made = await mkdir(directory, { recursive: true, mode: 0o700 })
  if (made !== undefined && keeping === 'durable') syncPathNow(dirname(made))
  const name = (await listLog(directory)).at(-1)
  const open = (each: string) => openAuditFile(join(directory, each), keeping)
  const last = name === undefined ? null : { name, file: open(name) }
  return new FileAuditLog(directory, open, mode === 'strict', fileBytes, now, last)
}

class FileAuditLog implements AuditLog {
  readonly #directory: string
  readonly #open: (name: string) => AuditFile
  readonly #strict: boolean
  readonly #fileBytes: number
  readonly #now: () => number
  #current: Current | null
  /** What is to be written. */
  #queue: Entry[] = []
  /** What is written and not synced. */
  #unsynced: Entry[] = []
  /** Since when the oldest of both waits, and that of those that are being synced, by the monotonic clock. */
  #waitsSince: number | null = null
  #syncsSince: number | null = null
  /** Whether what is written has waited for a sync for as long as it may. */
  #isSyncDue = false
  /** How many of what is written wait for a sync. */
  #awaiting = 0
  /** For how many the next sync waits, and until when, by the monotonic clock. */
  #gathering = { count: 0, until: 0 }
  #isLookingAgain = false
  #isFlushScheduled = false
  #isClosed = false
  #syncTimer: NodeJS.Timeout | null = null
  #againTimer: NodeJS.Timeout | null = null
  #syncing: Promise<void> | null = null

  constructor(
    directory: string,
    open: (name: string) => AuditFile,
    strict: boolean,
    fileBytes: number,
    now: () => number,
    last: Current | null,
  ) {
    this.#directory = directory
    this.#open = open
    this.#strict = strict
    this.#fileBytes = fileBytes
    this.#now = now
    this.#current = last
  }

  append(line: string, synced: boolean): Promise<void> {
    if (this.#isClosed) return Promise.reject(new Error('The audit log is closed: no record, no answer.'))
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waitsSince ??= performance.now()
    this.#queue.push({ line, needsSync: synced || this.#strict, waiter: { resolve, reject } })
    if (!this.#isFlushScheduled) {
      this.#isFlushScheduled = true
      // All that requests of one turn have to record is there when their promises have gone on.
      process.nextTick(() => this.flush())
    }
    return promise
  }

  flush(): void {
    this.#isFlushScheduled = false
    const queue = this.#queue
    this.#queue = []
    for (const group of groupsOf(queue)) this.#write(group)
    if (this.#queue.length + this.#unsynced.length === 0) this.#waitsSince = null
    this.#scheduleSync()
  }

  async sync(): Promise<void> {
    this.flush()
    await this.#syncing
    if (this.#unsynced.length > 0) this.#sync()
    await this.#syncing
  }

  place(): LogPlace {
    return this.#current === null
      ? { file: '', offset: 0 }
      : { file: this.#current.name, offset: this.#current.file.synced }
  }

  delay(): number {
    const since = this.#syncsSince ?? this.#waitsSince
    return since === null ? 0 : performance.now() - since
  }

  async find(eventIds: ReadonlySet<string>, since: LogPlace): Promise<ReadonlySet<string>> {
    this.#current?.file.mend()
    return findRecords(this.#directory, eventIds, since)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.flush()
    // Whoever waits for the sync that is running begins the next one.
    while (this.#syncing !== null) await this.#syncing
    for (const timer of [this.#syncTimer, this.#againTimer]) if (timer !== null) clearTimeout(timer)
    if (this.#current === null) return
    const { file } = this.#current
    this.#current = null
    try {
      // What the disk has lost and was answered for has its last chance.
      for (const { line } of this.#queue) file.write(Buffer.from(`${line}\n`))
      file.syncNow()
    } finally {
      file.close()
    }
  }

  #write(group: readonly Entry[]): void {
    try {
      this.#fileForNow().write(Buffer.from(group.map(({ line }) => `${line}\n`).join('')))
    } catch (error) {
      this.#refuse(group, error)
      return
    }
    this.#waitsSince ??= performance.now()
    for (const entry of group) {
      this.#unsynced.push(entry)
      if (entry.needsSync) this.#awaiting += 1
      else answer(entry)
    }
  }

  /** Refuses those who wait. What was answered for already is written again. */
  #refuse(entries: readonly Entry[], error: unknown): void {
    const answered = entries.filter(({ waiter }) => waiter === null)
    for (const { waiter } of entries) waiter?.reject(error)
    if (answered.length === 0) return
    this.#queue = [...answered, ...this.#queue]
    this.#waitsSince = this.#syncsSince ?? this.#waitsSince ?? performance.now()
    this.#againTimer ??= setTimeout(() => {
      this.#againTimer = null
      this.flush()
    }, AGAIN_MS)
  }

  get #isSyncWanted(): boolean {
    return this.#isSyncDue || this.#awaiting > 0
  }

  #scheduleSync(): void {
    if (this.#isSyncWanted && this.#isGathering()) this.#lookAgain()
    else if (this.#isSyncWanted) this.#sync()
    else if (this.#unsynced.length > 0) {
      this.#syncTimer ??= setTimeout(() => {
        this.#syncTimer = null
        this.#isSyncDue = true
        this.#sync()
      }, SYNC_WITHIN_MS)
    }
  }

  /**
   * Whether the next sync waits for more. Those who were answered by the last one ask again at once, as a rule, and
   * share one sync then with those who wait already, where they would have one each in turn.
   */
  #isGathering(): boolean {
    if (this.#isSyncDue || this.#isClosed || this.#syncing !== null) return false
    const { count, until } = this.#gathering
    return this.#awaiting < count && performance.now() < until
  }

  /** In the next turn of the event loop. */
  #lookAgain(): void {
    if (this.#isLookingAgain) return
    this.#isLookingAgain = true
    setImmediate(() => {
      this.#isLookingAgain = false
      this.#scheduleSync()
    })
  }

  /** Syncs what is written. One sync runs at a time; who comes meanwhile shares the next. */
  #sync(): void {
    if (this.#syncing !== null || this.#current === null) return
    if (this.#syncTimer !== null) clearTimeout(this.#syncTimer)
    this.#syncTimer = null
    this.#syncsSince = this.#waitsSince
    const answered = this.#awaiting
    const begun = performance.now()
    const entries = this.#takeUnsynced()
    const { file } = this.#current
    this.#syncing = file
      .sync()
      .then(
        () => this.#synced(entries, answered, performance.now() - begun),
        (error: unknown) => this.#undo(entries, error),
      )
      .finally(() => {
        this.#syncing = null
        this.#syncsSince = null
        // Under load the next sync begins at once: a file that is over is left now or never.
        if (this.#isSyncWanted) this.#leaveIfOver()
        this.#scheduleSync()
      })
  }

  #synced(entries: readonly Entry[], answered: number, took: number): void {
    this.#gathering = { count: answered + this.#awaiting, until: performance.now() + Math.min(took, GATHERING_MS) }
    entries.forEach(answer)
  }

  /**
   * What a sync could not bring to disk may be lost whatever later ones say: it is taken away, with all that was
   * written behind it.
   */
  #undo(entries: readonly Entry[], error: unknown): void {
    this.#current?.file.undo()
    this.#refuse([...entries, ...this.#takeUnsynced()], error)
  }

  #takeUnsynced(): readonly Entry[] {
    const entries = this.#unsynced
    this.#unsynced = []
    this.#waitsSince = this.#queue.length === 0 ? null : performance.now()
    this.#isSyncDue = false
    this.#awaiting = 0
    return entries
  }

  /** INVARIANT: a file is left only when all of it is synced, and closed never while a sync is under way. */
  #fileForNow(): AuditFile {
    const current = this.#current
    if (current !== null && (this.#syncing !== null || !this.#isOver(current))) return current.file
    if (current !== null) {
      try {
        current.file.syncNow()
      } catch (error) {
        this.#undo([], error)
        throw error
      }
      this.#takeUnsynced().forEach(answer)
    }
    const name = nameAfter(current?.name ?? null, this.#now())
    this.#current = { name, file: this.#open(name) }
    current?.file.close()
    return this.#current.file
  }

  #leaveIfOver(): void {
    try {
      this.#fileForNow()
    } catch {
      // Whoever writes next is told.
    }
  }

  #isOver({ name, file }: Current): boolean {
    return file.size >= this.#fileBytes || dayAt(this.#now()) > dayOf(name)
  }
}

function answer(entry: Entry): void {
  entry.waiter?.resolve()
  entry.waiter = null
}

function* groupsOf(entries: readonly Entry[]): Generator<readonly Entry[]> {
  let group: Entry[] = []
  let characters = 0
  for (const entry of entries) {
    if (group.length > 0 && characters + entry.line.length > GROUP_CHARACTERS) {
      yield group
      group = []
      characters = 0
    }
    group.push(entry)
    characters += entry.line.length
  }
  if (group.length > 0) yield group
}
