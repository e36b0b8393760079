import { setImmediate } from 'node:timers/promises'
import { DAY_MS } from '../../domain/limits.ts'
import type { LogPlace } from '../../storage/audit/files.ts'
import { followLog } from '../../storage/audit/follow.ts'
import { keyOf } from './event.ts'
import { expiryEvent, type Expiring } from './expiring.ts'
import { createQueue, type QueuePlace, type Ringer } from './queue.ts'
import { ringing, type Rule } from './rule.ts'
import { writeState, type TargetState } from './target-state.ts'

/** How many records are read before others have their turn. */
const RECORDS_PER_TURN = 128
/** How soon it is kept what became of events, and how far the logs were read, in milliseconds. */
const KEEP_MS = 1000
const KEEP_PLACES_MS = 10_000
/** How often materials are looked for that are about to expire, in milliseconds. */
const LOOK_AHEAD_MS = 10 * 60_000

/** A log that is followed, and the end of what is synced of it. */
export interface FollowedLog {
  readonly name: string
  readonly directory: string
  readonly end: LogPlace
}

/** What a courier works with. */
export interface CourierPlace extends QueuePlace {
  /** Those that go to the target. */
  readonly rules: readonly Rule[]
  /** The file of its state. */
  readonly path: string
  readonly logs: () => readonly FollowedLog[]
  readonly expiring: (from: number, to: number) => AsyncIterable<Expiring>
  /** The server's clock. */
  readonly now: () => number
}

/** Tells one target what rings. What is to be told is a place in a log; nothing waits for it. */
export interface Courier {
  readonly state: TargetState
  /** Reads on, and sends what is due. */
  round(): Promise<void>
  /** Keeps how far it has come. */
  keep(): Promise<void>
  /** Lets go of what is on its way: it is sent again after the next start. */
  abandon(): void
  /** Resolves when all is let go and kept. */
  stop(): Promise<void>
}

/** A courier that goes on from a state, which is its own from now on. */
export function createCourier(place: CourierPlace, state: TargetState): Courier {
  const { rules, path } = place
  /** What became of events, and how far logs were read, is to be kept. */
  let isChanged = true
  let isRead = false
  const queue = createQueue(place, state, () => {
    isChanged = true
  })
  const lookAhead = createLookAhead(place, state)
  let keptAt = performance.now()

  async function read({ name, directory, end }: FollowedLog): Promise<void> {
    let count = 0
    for await (const record of followLog(directory, state.places[name] ?? { file: '', offset: 0 }, end)) {
      const found = ringing(record.text, rules, state.counts, place.now())
      if (found !== null && Date.parse(found.event.time) >= state.since) {
        const { event, alarms } = found
        const of = { log: name, place: record.begin }
        queue.add({ id: event.id, of, order: keyOf(event) ?? event.id, alarms: [...alarms] })
      }
      state.places[name] = record.place
      isRead = true
      count += 1
      if (count % RECORDS_PER_TURN === 0) await setImmediate()
      if (!queue.hasRoom()) return
    }
  }

  async function keep(): Promise<void> {
    if (!isChanged && !isRead) return
    isChanged = false
    isRead = false
    keptAt = performance.now()
    try {
      await writeState(path, state)
    } catch (error) {
      isChanged = true
      throw error
    }
  }

  return {
    state,
    async round() {
      // It began with a clock that was ahead, and was put right since: what may be new is told.
      if (state.since > place.now()) state.since = place.now() - DAY_MS
      for (const each of place.logs()) if (queue.hasRoom()) await read(each)
      if (queue.hasRoom()) for (const entry of await lookAhead()) queue.add(entry)
      queue.sendDue()
      if (performance.now() - keptAt >= (isChanged ? KEEP_MS : KEEP_PLACES_MS)) await keep()
    },
    keep,
    abandon: () => queue.abandon(),
    async stop() {
      await queue.settled()
      await keep()
    },
  }
}

/** Finds what rings ahead of its time, each once for each alarm. */
function createLookAhead({ rules, expiring, now }: CourierPlace, state: TargetState) {
  const ahead = rules.flatMap((rule) => (rule.ahead === null ? [] : [{ name: rule.name, ahead: rule.ahead }]))
  let lookedAt = Number.NEGATIVE_INFINITY
  return async (): Promise<readonly Ringer[]> => {
    const from = now()
    // A clock that has gone back is not waited for.
    if (ahead.length === 0 || (from >= lookedAt && from - lookedAt < LOOK_AHEAD_MS)) return []
    lookedAt = from
    for (const [id, expiresAt] of Object.entries(state.told)) if (expiresAt <= from) delete state.told[id]
    const time = new Date(from).toISOString().replace(/\.\d+Z$/, 'Z')
    const found: Ringer[] = []
    for (const rule of ahead) {
      for await (const each of expiring(from, from + rule.ahead)) {
        const alarms = [rule.name]
        const { id } = expiryEvent(each, time, alarms)
        if (state.told[id] !== undefined) continue
        state.told[id] = each.expiresAt
        found.push({ id, of: { ...each, time }, order: each.key, alarms })
      }
    }
    return found
  }
}
