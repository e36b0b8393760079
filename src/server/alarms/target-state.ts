import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { replaceFile } from '../../storage/whole-file.ts'

const place = z.object({ file: z.string(), offset: z.number().int().nonnegative() })

/** What has rung, and was not taken by its target yet: where it stands, and never a copy of it. */
const waiting = z.object({
  id: z.string(),
  /** A record of a log, or an imported material that is about to expire. */
  of: z.union([
    z.object({ log: z.string(), place }),
    z.object({ key: z.string(), material: z.string(), expiresAt: z.number(), time: z.string() }),
  ]),
  /** What it is about: of the same it goes after what is before it. */
  order: z.string(),
  alarms: z.array(z.string()),
  tries: z.number().int(),
  /** When it is tried next, and since when it waits, in milliseconds since 1970. */
  due: z.number(),
  since: z.number(),
})
export type Waiting = z.infer<typeof waiting>

const moment = z.object({ time: z.string(), text: z.string() })

const state = z.object({
  /** Records from before are none of the target's, in milliseconds since 1970. */
  since: z.number(),
  /** How far each log was read. */
  places: z.record(z.string(), place),
  waiting: z.array(waiting),
  counts: z.record(z.string(), z.object({ window: z.number(), count: z.number() })),
  /** Materials whose expiry was told, and when they expire. */
  told: z.record(z.string(), z.number()),
  delivered: z.number(),
  failed: z.number(),
  givenUp: z.number(),
  lastDelivered: moment.nullable(),
  lastError: moment.nullable(),
})

/** How far a target was told, as it is kept. */
export type TargetState = z.infer<typeof state>

/** The state of a target that is new. */
export function newState(since: number, places: TargetState['places']): TargetState {
  const counters = { delivered: 0, failed: 0, givenUp: 0, lastDelivered: null, lastError: null }
  return { since, places, waiting: [], counts: {}, told: {}, ...counters }
}

/** The state that was kept; null where none was. @throws where it is none */
export async function readState(path: string): Promise<TargetState | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  return text === null ? null : state.parse(JSON.parse(text))
}

export async function writeState(path: string, kept: TargetState): Promise<void> {
  await replaceFile(path, JSON.stringify(kept))
}
