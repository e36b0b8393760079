import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isBefore, followLog } from '../../storage/audit/follow.ts'
import { dayBefore, listLog, type LogPlace } from '../../storage/audit/files.ts'
import { openAuditLog, type AuditLog, type AuditLogOptions } from '../../storage/audit/log.ts'
import { replaceFile } from '../../storage/whole-file.ts'
import { toldOnce } from './told-once.ts'

/** How often records are handed over, in milliseconds. */
const EVERY_MS = 200
/** What is handed over at once. */
const AT_ONCE = { records: 2000, characters: 4 * 1024 * 1024 }
/** A file is followed by the next one once it has this size: one that is handed over whole is deleted. */
const FILE_BYTES = 16 * 1024 * 1024
const BEGINNING: LogPlace = { file: '', offset: 0 }

/**
 * Hands records over to the process that leads. What it resolves for is in the log there, synced.
 *
 * @param isRepeated whether some of them may have been handed over before
 */
export type HandOver = (place: string, texts: readonly string[], isRepeated: boolean) => Promise<void>

/**
 * The records of a process that does not lead: each is here, as it would be in an audit log, before its answer is given,
 * and soon after in the log of the process that leads. It is kept here until it is known to be there.
 */
export interface Outbox {
  readonly append: (place: string, text: string) => Promise<void>
  /** To whom they are handed over from now on; null for nobody. */
  readonly to: (receiver: HandOver | null) => void
  /** For how long not all records were handed over, in milliseconds. */
  readonly delay: () => number
  /** Hands over what there is now. Where that fails, it is handed over with the next ones. */
  flush(): Promise<void>
  close(): Promise<void>
}

/** @param path a directory of its own */
export async function openOutbox(
  path: string,
  mode: AuditLogOptions['mode'],
  now: () => number,
  onError: (error: unknown, what: string) => void,
): Promise<Outbox> {
  const logs = new Map<string, Promise<AuditLog>>()
  const places = new Map<string, LogPlace>()
  let receiver: HandOver | null = null
  /** Those of whose next records nobody knows whether they were handed over. */
  const repeated = new Set<string>()
  let running: Promise<void> | null = null

  const logOf = (place: string): Promise<AuditLog> => {
    const open = logs.get(place) ?? openAuditLog(join(path, place), { mode, fileBytes: FILE_BYTES }, now)
    logs.set(place, open)
    return open
  }
  let handedOverAt = performance.now()
  const handOverAll = async (): Promise<void> => {
    const begun = performance.now()
    for (const [place, log] of logs) {
      const to = receiver
      const directory = join(path, place)
      const end = (await log).place()
      const from = places.get(place) ?? (await handedOver(directory))
      if (!isBefore(from, end)) continue
      if (to === null) return
      const reached = await handOver(directory, from, end, async (texts) => {
        const isRepeated = repeated.has(place)
        repeated.add(place)
        await to(place, texts, isRepeated)
        repeated.delete(place)
      })
      places.set(place, reached)
    }
    handedOverAt = begun
  }
  const tell = toldOnce((error) => onError(error, 'hand records over to the process that leads'))
  const run = (): Promise<void> => {
    running ??= tell(handOverAll()).finally(() => {
      running = null
    })
    return running
  }
  // What a former process has left.
  for (const place of await placesIn(path)) {
    repeated.add(place)
    await logOf(place)
  }
  const timer = setInterval(() => void run(), EVERY_MS)
  return {
    append: async (place, text) => (await logOf(place)).append(text, false),
    to(next) {
      receiver = next
    },
    delay: () => Math.max(0, performance.now() - handedOverAt - EVERY_MS),
    async flush() {
      await Promise.all([...logs.values()].map(async (log) => (await log).sync()))
      await running
      await run()
    },
    async close() {
      clearInterval(timer)
      receiver = null
      await running
      for (const log of logs.values()) await (await log).close()
    },
  }
}

/** Hands over what a process has left that followed, and leads now: nothing is left of what it serves then. */
export async function emptyOutbox(
  path: string,
  isServed: (place: string) => boolean,
  receiver: HandOver,
): Promise<void> {
  for (const place of (await placesIn(path)).filter(isServed)) {
    const directory = join(path, place)
    await handOver(directory, await handedOver(directory), null, (texts) => receiver(place, texts, true))
    await rm(directory, { recursive: true })
  }
}

/** Writes records into a log: those that it has already, it has once, where they are repeated. */
export async function takeRecords(log: AuditLog, texts: readonly string[], isRepeated: boolean): Promise<void> {
  // What was handed over yesterday may be repeated today.
  const find = () => log.find(new Set(texts.map(eventIdOf)), dayBefore(log.place()))
  const present = isRepeated ? await find() : new Set<string>()
  const missing = isRepeated ? texts.filter((text) => !present.has(eventIdOf(text))) : texts
  await Promise.all(missing.map((text) => log.append(text, true)))
}

function eventIdOf(text: string): string {
  return (JSON.parse(text) as { readonly eventID: string }).eventID
}

async function placesIn(path: string): Promise<readonly string[]> {
  if (!existsSync(path)) return []
  const entries = await readdir(path, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

const placeFile = (directory: string): string => join(directory, 'handed-over.json')

/** How far a log was handed over. */
async function handedOver(directory: string): Promise<LogPlace> {
  const path = placeFile(directory)
  return existsSync(path) ? (JSON.parse(await readFile(path, 'utf8')) as LogPlace) : BEGINNING
}

async function handOver(
  directory: string,
  from: LogPlace,
  end: LogPlace | null,
  give: (texts: readonly string[]) => Promise<void>,
): Promise<LogPlace> {
  let reached = from
  for (;;) {
    const texts: string[] = []
    let characters = 0
    let place = reached
    for await (const record of followLog(directory, reached, end)) {
      texts.push(record.text)
      characters += record.text.length
      place = record.place
      if (texts.length === AT_ONCE.records || characters > AT_ONCE.characters) break
    }
    if (texts.length === 0) return reached
    await give(texts)
    reached = place
    await replaceFile(placeFile(directory), JSON.stringify(reached))
    for (const name of await listLog(directory)) {
      if (isBefore({ file: name, offset: 0 }, { file: reached.file, offset: 0 })) await rm(join(directory, name))
    }
  }
}
