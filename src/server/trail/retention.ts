import { statfs, stat } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import pLimit from 'p-limit'
import type { Logger } from 'pino'
import { DAY_MS } from '../../domain/limits.ts'
import { compressLogFile } from '../../storage/audit/compress.ts'
import { dayAt, dayOf, filesSince, listLog } from '../../storage/audit/files.ts'
import { formsOf } from '../../storage/audit/log-file.ts'
import type { AuditLog } from '../../storage/audit/log.ts'
import type { DataDirectory } from '../data/data-directory.ts'
import { reasonOf } from '../system-errors.ts'
import { isDiskFull } from '../../storage/house/disk-full.ts'
import { createReserve, type Reserve } from './reserve.ts'

/** How long the audit logs are kept, and how large they may become. */
export interface RetentionLimits {
  /** In days; null for ever. */
  readonly days: number | null
  /** In bytes on disk, of all logs together. */
  readonly bytes: number | 'unlimited' | 'by disk'
}

/** What was done to the logs. */
export interface RetentionReport {
  readonly compressed: readonly { readonly path: string; readonly before: number; readonly after: number }[]
  /** What could not be compressed, and why. */
  readonly failed: readonly { readonly path: string; readonly reason: string }[]
  readonly deleted: readonly { readonly place: string; readonly before: string; readonly records: number }[]
  /** On disk, in all. */
  readonly bytes: number
  /** The day of the oldest file; null where there is none. */
  readonly oldest: string | null
}

/** Keeps the audit logs within their limits. */
export interface Retention {
  /** What an operator must know; nothing where all is well. */
  readonly notices: () => readonly string[]
  /**
   * Does at once what is due.
   *
   * @param before a day, as `YYYY-MM-DD`: what is older is deleted as well; null for what the limits say
   */
  enforce(before: string | null): Promise<RetentionReport>
  /** Does something while no file is compressed or deleted. */
  pause<Result>(work: () => Promise<Result>): Promise<Result>
  stop(): Promise<void>
}

/** What it looks after. */
export interface RetentionPlace {
  readonly data: DataDirectory
  readonly limits: RetentionLimits
  /** The logs by their places, asked each time: Regions are opened meanwhile. */
  readonly logs: () => Iterable<readonly [place: string, audit: Pick<AuditLog, 'place'>]>
  readonly deleteBefore: (place: string, file: string) => Promise<number>
  readonly now: () => number
  /** Whether what time brings may be done. */
  readonly mayAct: () => Promise<boolean>
  readonly retry: (error: unknown, what: string) => void
  readonly log: Pick<Logger, 'info' | 'error'>
}

/** How often the logs are looked at. */
const ROUND_MS = 5 * 60 * 1000
/** How long the clock must have been steady before it says that something is due: a wrong one is put right by then. */
const STEADY_MS = 60 * 60 * 1000
/** How far it may go from the machine's own count of time meanwhile. */
const DRIFT_MS = 60 * 1000
/** The files of so many days, today's among them, stay as they were written: people and tools read them. */
const PLAIN_DAYS = 2
/** What is younger is not deleted because the logs are large. */
const LEAST_DAYS = 7
const TELL_MS = 60 * 60 * 1000
const GIB = 1024 ** 3

/** A file of a log. */
interface Kept {
  readonly place: string
  readonly name: string
  /** Whether it is written to. */
  readonly isCurrent: boolean
  readonly bytes: number
}

/** Starts keeping the logs within their limits. */
export function startRetention(about: RetentionPlace): Retention {
  const inTurn = pLimit(1)
  const steady = watchSteadiness()
  const disk = watchDisk(about)
  const reserve = createReserve(about.data.reserve)
  const round = async (): Promise<void> => {
    await disk.look()
    const isDue = steady.isSteady() && (await about.mayAct())
    await bringWithin(about, reserve, { before: null, isDue, isShort: disk.isShort() })
  }
  const timer = setInterval(() => {
    inTurn(round).catch((error: unknown) => about.retry(error, 'keep the audit logs within their limits'))
  }, ROUND_MS)
  timer.unref()
  return {
    notices: disk.notices,
    enforce: (before) => inTurn(() => bringWithin(about, reserve, { before, isDue: true, isShort: true })),
    pause: (work) => inTurn(work),
    async stop() {
      clearInterval(timer)
      await inTurn(async () => {})
    },
  }
}

interface Orders {
  readonly before: string | null
  /** Whether anything may be deleted. */
  readonly isDue: boolean
  /** Whether all is compressed that is not written to. */
  readonly isShort: boolean
}

/** Deletes what is due, and compresses what is over. */
async function bringWithin(
  about: RetentionPlace,
  reserve: Reserve,
  { before, isDue, isShort }: Orders,
): Promise<RetentionReport> {
  const deleteDue = async (by: 'age' | 'size'): Promise<RetentionReport['deleted']> => {
    if (!isDue) return []
    const files = await filesOf(about)
    const bounds = await boundsOf(about, files, before)
    const alone = by === 'age' ? { bytes: Number.POSITIVE_INFINITY } : { day: '' }
    return deleteFiles(about, reserve, files, filesToKeep(files, { ...bounds, ...alone }))
  }
  // What is too old first: it is not worth compressing, and a disk that is full has no room for that.
  const old = await deleteDue('age')
  const { compressed, failed } = await compressFiles(about, isShort)
  const deleted = [...old, ...(await deleteDue('size'))]
  await reserve.keep()
  const left = await filesOf(about)
  const [oldest] = left
  return { compressed, failed, deleted, bytes: sumOf(left), oldest: oldest === undefined ? null : dayOf(oldest.name) }
}

async function deleteFiles(
  about: RetentionPlace,
  reserve: Reserve,
  files: readonly Kept[],
  kept: readonly Kept[],
): Promise<RetentionReport['deleted']> {
  const deleted: { place: string; before: string; records: number }[] = []
  for (const [place, audit] of about.logs()) {
    const first = kept.find((file) => file.place === place)?.name ?? audit.place().file
    if (!files.some((file) => file.place === place && file.name < first)) continue
    const records = await reserve.spend(() => about.deleteBefore(place, first))
    deleted.push({ place, before: first, records })
    about.log.info({ place, before: first, records }, 'records of the audit log were deleted: they were due')
  }
  return deleted
}

/** A file that cannot be compressed holds up no other. */
async function compressFiles(
  about: RetentionPlace,
  isShort: boolean,
): Promise<Pick<RetentionReport, 'compressed' | 'failed'>> {
  const compressed: { path: string; before: number; after: number }[] = []
  const failed: { path: string; reason: string }[] = []
  for (const path of await plainFiles(about, isShort)) {
    try {
      compressed.push({ path, ...(await compressLogFile(path)) })
    } catch (error) {
      about.retry(error, `compress ${path}`)
      failed.push({ path, reason: reasonOf(error) })
      if (isDiskFull(error)) break
    }
  }
  return { compressed, failed }
}

/** The files that are to be compressed. */
async function plainFiles({ data, logs, now }: RetentionPlace, isShort: boolean): Promise<readonly string[]> {
  const paths: string[] = []
  for (const [place, audit] of logs()) {
    const current = audit.place().file
    const names = (await listLog(data.audit(place))).filter((name) => name <= current)
    const recent = isShort ? [current] : filesSince(names, dayAt(now() - (PLAIN_DAYS - 1) * DAY_MS))
    const over = names.filter((name) => name < current && !recent.includes(name))
    paths.push(...over.map((name) => join(data.audit(place), name)).filter((path) => existsSync(path)))
  }
  return paths
}

/** Every file of the logs, the oldest first. */
async function filesOf({ data, logs }: RetentionPlace): Promise<readonly Kept[]> {
  const files: Kept[] = []
  for (const [place, audit] of logs()) {
    const current = audit.place().file
    const names = (await listLog(data.audit(place))).filter((name) => name <= current)
    for (const name of names) {
      const forms = await Promise.all(
        formsOf(join(data.audit(place), name)).map((each) => stat(each).catch(() => null)),
      )
      const bytes = forms.reduce((sum, form) => sum + (form?.size ?? 0), 0)
      files.push({ place, name, isCurrent: name === current, bytes })
    }
  }
  return files.toSorted((one, other) => (one.name < other.name ? -1 : 1))
}

interface Bounds {
  /** What is of an earlier day is deleted. */
  readonly day: string
  /** So much may stay; what is of `leastDay` or later stays anyhow. */
  readonly bytes: number
  readonly leastDay: string
}

async function boundsOf(
  { data, limits, now }: RetentionPlace,
  files: readonly Kept[],
  before: string | null,
): Promise<Bounds> {
  const { bsize, blocks } = await statfs(data.audits)
  const days = [limits.days === null ? '' : dayAt(now() - limits.days * DAY_MS), before ?? '']
  const byDisk = Math.min(10 * GIB, (bsize * blocks) / 4)
  const bytes = { unlimited: sumOf(files), 'by disk': byDisk }
  return {
    day: days.toSorted().at(-1) ?? '',
    bytes: typeof limits.bytes === 'number' ? limits.bytes : bytes[limits.bytes],
    leastDay: dayAt(now() - LEAST_DAYS * DAY_MS),
  }
}

/** A file has the records of its day. */
function filesToKeep(files: readonly Kept[], { day, bytes, leastDay }: Bounds): readonly Kept[] {
  let total = sumOf(files)
  const kept: Kept[] = []
  for (const file of files) {
    const isBefore = (by: string): boolean => !file.isCurrent && dayOf(file.name) < by
    if (isBefore(day) || (total > bytes && isBefore(leastDay))) total -= file.bytes
    else kept.push(file)
  }
  return kept
}

function sumOf(files: readonly Kept[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0)
}

/** The moment at which the machine began to count, by its clock. */
function offset(): number {
  return Date.now() - performance.now()
}

/** Holds the clock against the machine's count of time. */
function watchSteadiness() {
  let known = offset()
  let since = performance.now()
  return {
    isSteady(): boolean {
      const isMoved = Math.abs(offset() - known) > DRIFT_MS
      if (isMoved) since = performance.now()
      known = offset()
      return performance.now() - since >= STEADY_MS
    },
  }
}

/** Looks how much of the disk is left. */
function watchDisk({ data, log }: RetentionPlace) {
  let short: string | null = null
  let toldAt = Number.NEGATIVE_INFINITY
  return {
    isShort: () => short !== null,
    notices: () => (short === null ? [] : [short]),
    async look(): Promise<void> {
      const { bsize, blocks, bavail } = await statfs(data.path)
      const left = bsize * bavail
      const isShort = left < Math.min((bsize * blocks) / 20, 2 * GIB)
      short = isShort ? shortText(data.path, left, bsize * blocks) : null
      if (short === null || performance.now() - toldAt < TELL_MS) return
      toldAt = performance.now()
      log.error(short)
    },
  }
}

function inMib(bytes: number): string {
  return `${Math.floor(bytes / 1024 ** 2)} MiB`
}

function shortText(path: string, left: number, all: number): string {
  return (
    `The disk of ${path} has ${inMib(left)} left of ${inMib(all)}. When it is full, requests are refused, for their ` +
    'records cannot be written. Make room, or delete old records: keyspan audit prune --before DAY'
  )
}
