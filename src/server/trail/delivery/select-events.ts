import { setImmediate } from 'node:timers/promises'
import type { Region } from '../../../domain/region.ts'
import { stretchOf, type Trail, type TrailEvent, type TrailSettings } from '../../../domain/trail/trail.ts'
import { readEvent } from '../../../storage/event-index/event.ts'
import { GLOBAL } from '../../../storage/event-index/log-index.ts'

/** How many lines are looked at before requests have their turn. */
const LINES_AT_ONCE = 500

/** What of a part of a log goes into one file of a trail. */
export interface SelectedEvents {
  readonly region: Region
  readonly settings: TrailSettings
  /** When the trail began to deliver with these settings. */
  readonly since: number
  /** The records as they were written. */
  readonly records: string[]
  /** In seconds since 1970. */
  oldest: number
  newest: number
}

/** Where events are shown. */
export interface Places {
  readonly regions: readonly Region[]
  /** Where what belongs to no Region is shown, if us-east-1 is not among them. */
  readonly home: Region
}

/**
 * What a trail delivers of these lines of a log: a file for each Region and bucket.
 *
 * It is the same each time, whatever became of the trail since.
 */
export async function selectEvents(
  lines: readonly Buffer[],
  log: string,
  trail: Trail,
  places: Places,
): Promise<ReadonlyMap<string, SelectedEvents>> {
  const files = new Map<string, SelectedEvents>()
  // Most lines are of other accounts: they are not read any further.
  const mark = Buffer.from(`"recipientAccountId":"${trail.account}"`)
  for (const [index, line] of lines.entries()) {
    if (index % LINES_AT_ONCE === LINES_AT_ONCE - 1) await setImmediate()
    if (!line.includes(mark)) continue
    const text = line.toString()
    const event = eventOf(text, log, trail.account, places)
    const stretch = event === null ? null : stretchOf(trail, event)
    if (event === null || stretch === null) continue
    const { settings, from: since } = stretch
    const { region, time } = event
    const key = fileKey({ region, bucket: settings.bucket, prefix: settings.prefix })
    const file = files.get(key) ?? { region, settings, since, records: [], oldest: time, newest: time }
    files.set(key, file)
    file.records.push(text)
    file.oldest = Math.min(file.oldest, time)
    file.newest = Math.max(file.newest, time)
  }
  return files
}

/** What tells the files of a delivery apart. */
export function fileKey(file: { readonly region: Region; readonly bucket: string; readonly prefix: string | null }) {
  return JSON.stringify([file.region, file.bucket, file.prefix])
}

function eventOf(text: string, log: string, account: string, { regions, home }: Places): TrailEvent | null {
  const event = readEvent(text, log === GLOBAL)
  if (event === null || event.account !== account) return null
  const { time, eventSource, readOnly, isWorldwide: isGlobal } = event
  const region = regions.includes(event.region) ? event.region : home
  return { time, eventSource, readOnly, region, isGlobal }
}
