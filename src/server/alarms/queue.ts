import type { Logger } from 'pino'
import { followLog } from '../../storage/audit/follow.ts'
import { eventOf, type AlarmEvent } from './event.ts'
import { expiryEvent } from './expiring.ts'
import { messageOf } from './message.ts'
import type { Target } from './read-alarms.ts'
import type { Send } from './send.ts'
import type { TargetState, Waiting } from './target-state.ts'

/** How many events of one target wait at most besides the log, and how many are on their way at once. */
const MOST_WAITING = 1000
const AT_ONCE = 8
/** The first pause before an event is tried again, and the longest, in milliseconds. */
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 5 * 60_000
/** Whoever has not looked for so long, in milliseconds, was off, or their clock has leapt. */
const GAP_MS = 2 * LONGEST_PAUSE_MS

/** What has rung, before it waits. */
export type Ringer = Pick<Waiting, 'id' | 'of' | 'order' | 'alarms'>

/** Whom a queue tells, and how. */
export interface QueuePlace {
  readonly target: Target
  readonly send: Send
  readonly directoryOf: (log: string) => string
  readonly log: Logger
}

/** What waits for a target, the oldest first. Pauses go by the machine's clock. */
export interface Queue {
  add(ringer: Ringer): void
  /** Whether more may be added; what has no place stays in the log. */
  hasRoom(): boolean
  /** Sends, of each key, the first that waits, if it is due. Waits for nothing. */
  sendDue(): void
  /** Lets go of what is on its way, and sends nothing more. */
  abandon(): void
  /** Resolves when nothing is on its way. */
  settled(): Promise<void>
}

/** @param onChange told of each change of the state */
export function createQueue(place: QueuePlace, state: TargetState, onChange: () => void): Queue {
  const { target, log } = place
  const stopping = new AbortController()
  const underWay = new Map<string, Promise<void>>()
  const look = createLook(state)

  async function attempt(entry: Waiting): Promise<void> {
    try {
      const event = await eventFor(entry, place)
      await place.send(messageOf(event, entry.alarms), stopping.signal)
      state.delivered += 1
      state.lastDelivered = { time: new Date().toISOString(), text: entry.id }
      settle(entry)
    } catch (error) {
      if (!stopping.signal.aborted) postpone(entry, error)
    }
  }

  function settle(entry: Waiting): void {
    state.waiting.splice(state.waiting.indexOf(entry), 1)
    onChange()
  }

  function postpone(entry: Waiting, error: unknown): void {
    const now = look()
    const text = error instanceof Error ? error.message : String(error)
    const about = { alarms: entry.alarms, target: target.name, id: entry.id }
    state.failed += 1
    state.lastError = { time: new Date(now).toISOString(), text }
    if (error instanceof RecordGoneError || now - entry.since >= target.giveUpAfter) {
      log.error({ ...about, tries: entry.tries + 1 }, `an alarm was not delivered, and is given up: ${text}`)
      state.givenUp += 1
      return settle(entry)
    }
    if (entry.tries === 0) log.warn(about, `an alarm is not delivered yet, and will be tried again: ${text}`)
    entry.tries += 1
    entry.due = now + pauseAfter(entry.tries)
    onChange()
  }

  function sendDue(): void {
    const now = look()
    const taken = new Set(underWay.keys())
    for (const entry of state.waiting) {
      if (underWay.size >= AT_ONCE || stopping.signal.aborted) return
      if (taken.has(entry.order)) continue
      taken.add(entry.order)
      if (!isDue(entry, now)) continue
      const sending = attempt(entry).finally(() => {
        underWay.delete(entry.order)
        sendDue()
      })
      underWay.set(entry.order, sending)
    }
  }

  return {
    add(ringer) {
      const now = look()
      state.waiting.push({ ...ringer, tries: 0, due: now, since: now })
      onChange()
    },
    hasRoom: () => state.waiting.length < MOST_WAITING && !stopping.signal.aborted,
    sendDue,
    abandon: () => stopping.abort(),
    async settled() {
      await Promise.all(underWay.values())
    },
  }
}

/** Gives the time. Time in which nothing could be tried counts for nothing: who comes back tries before it gives up. */
function createLook({ waiting, lastDelivered, lastError }: TargetState): () => number {
  // While something waits, what is kept tells of each try.
  const told = [lastDelivered, lastError].flatMap((each) => (each === null ? [] : [Date.parse(each.time)]))
  let lookedAt = Math.max(...told, ...waiting.map(({ since }) => since))
  return () => {
    const now = Date.now()
    const gap = now - lookedAt
    lookedAt = now
    if (Math.abs(gap) <= GAP_MS) return now
    for (const entry of waiting) entry.since = gap > 0 ? entry.since + gap : Math.min(entry.since, now)
    return now
  }
}

/** With jitter, so that what has failed together is not tried together. */
function pauseAfter(tries: number): number {
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS)
  return pause * (0.5 + Math.random() / 2)
}

/** A clock that has gone back makes nothing wait for longer than the longest pause. */
function isDue({ due }: Waiting, now: number): boolean {
  return due <= now || due > now + LONGEST_PAUSE_MS
}

/** The record of an event that waits is not in the log any more. */
class RecordGoneError extends Error {}

async function eventFor({ of, alarms, id }: Waiting, { directoryOf }: QueuePlace): Promise<AlarmEvent> {
  if ('key' in of) return expiryEvent(of, of.time, alarms)
  for await (const { text, begin } of followLog(directoryOf(of.log), of.place, null)) {
    const event = begin.file === of.place.file ? eventOf(text) : null
    if (event?.id === id) return event
    break
  }
  throw new RecordGoneError(`its record is no longer at ${of.place.offset} of ${of.place.file} in the log of ${of.log}`)
}
