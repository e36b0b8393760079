import { randomUUID } from 'node:crypto'
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { DAY_MS } from '../../domain/limits.ts'
import { homeRegion } from '../../domain/region.ts'
import { dayAt } from '../../storage/audit/files.ts'
import { isBefore } from '../../storage/audit/follow.ts'
import { GLOBAL } from '../../storage/event-index/log-index.ts'
import { CommandError } from '../command-error.ts'
import type { DataDirectory } from '../data/data-directory.ts'
import type { OpenGlobal } from '../regions/open-global.ts'
import { openLogs } from '../regions/open-logs.ts'
import type { Regions } from '../regions/regions.ts'
import { createCourier, type Courier, type FollowedLog } from './courier.ts'
import type { AlarmEvent } from './event.ts'
import { materialsExpiring } from './expiring.ts'
import { messageOf } from './message.ts'
import type { Alarms, Target } from './read-alarms.ts'
import { SendError } from './send-error.ts'
import { senderFor, type Send } from './send.ts'
import { newState, readState, type TargetState } from './target-state.ts'

/** How often logs are looked at, in milliseconds: what rings is sent about so much later. */
const ROUND_MS = 500

const TOLD_AGAIN_MS = 3 * DAY_MS

/** How a target does. */
export interface TargetStatus extends Pick<
  TargetState,
  'delivered' | 'failed' | 'givenUp' | 'lastDelivered' | 'lastError'
> {
  readonly name: string
  /** Where it is, in words that hold no secret. */
  readonly where: string
  /** How many events wait. */
  readonly waiting: number
  /** When the next of them is tried; null where none waits. */
  readonly nextTry: string | null
}

/** What came back from a target that was told of a test. */
export interface TestResult {
  readonly name: string
  readonly isDelivered: boolean
  readonly answer: string
}

/** The alarms of a server. */
export interface AlarmBell {
  readonly status: () => readonly TargetStatus[]
  /** Sends a test to a target, or to each of them. @throws CommandError where there is none of that name */
  test(name: string | null): Promise<readonly TestResult[]>
  stop(): Promise<void>
}

/** What alarms look at. */
export interface AlarmPlace {
  readonly data: DataDirectory
  /** Asked each time, for Regions are opened meanwhile. */
  readonly regions: Regions
  readonly global: OpenGlobal
  readonly now: () => number
  readonly log: Logger
  readonly onError: (error: unknown, what: string) => void
}

interface Party {
  readonly target: Target
  readonly send: Send
  readonly courier: Courier
}

/** Goes on telling targets what rings, from where each was told before; a new one is told what happens from now on. */
export async function openAlarms({ rules, targets }: Alarms, place: AlarmPlace): Promise<AlarmBell> {
  await mkdir(place.data.alarms, { recursive: true, mode: 0o700 })
  const parties: Party[] = []
  for (const target of targets) {
    const own = rules.filter(({ to }) => to.includes(target.name))
    const path = join(place.data.alarms, `${target.name}.json`)
    const send = senderFor(target, place.log)
    const state = await stateOf(path, place)
    const about = { target, rules: own, path, send, now: place.now, log: place.log }
    const courier = createCourier(
      {
        ...about,
        logs: () => logsOf(place),
        directoryOf: (log) => place.data.audit(log),
        expiring: (from, to) => materialsExpiring(place.regions, from, to),
      },
      state,
    )
    // From now on it is known where a new target begins.
    await courier.keep()
    parties.push({ target, send, courier })
  }
  const loops = parties.map(({ target, courier }) => startLoop(target.name, courier, place.onError))
  return {
    status: () => parties.map(statusOf),
    test: (name) => testTargets(partiesNamed(parties, name), homeRegion(place.regions.served), place.now()),
    async stop() {
      await Promise.all(loops.map((stop) => stop()))
    },
  }
}

function logsOf({ data, regions, global }: AlarmPlace): readonly FollowedLog[] {
  return openLogs(regions, global).map(([name, audit]) => ({ name, directory: data.audit(name), end: audit.place() }))
}

/** Where a log is shorter than it was, as after a backup was put back, it is followed from its end. */
async function stateOf(path: string, place: AlarmPlace): Promise<TargetState> {
  const logs = logsOf(place)
  const kept = await readState(path).catch((error: unknown) => setAside(path, place, error))
  if (kept === null)
    return newState(Math.floor(place.now() / 1000) * 1000, Object.fromEntries(logs.map(({ name, end }) => [name, end])))
  for (const { name, end } of logs) {
    const known = kept.places[name]
    if (known === undefined || !isBefore(end, known)) continue
    place.log.warn({ path, log: name }, 'the audit log is shorter than alarms have read it: they go on from its end')
    kept.places[name] = end
  }
  return kept
}

/** What may have been told already is told again, as far back as it is worth it: nothing is left out. */
async function setAside(path: string, { now, log, regions }: AlarmPlace, error: unknown): Promise<TargetState> {
  await rename(path, `${path}.damaged`)
  log.error({ err: error, path }, 'how far alarms were told is damaged: what rang in the last three days is told again')
  const since = now() - TOLD_AGAIN_MS
  const place = { file: `${dayAt(since - DAY_MS)}.jsonl`, offset: 0 }
  return newState(since, Object.fromEntries([GLOBAL, ...regions.served].map((name) => [name, place])))
}

/** One round after the other, until it is stopped. */
function startLoop(name: string, courier: Courier, onError: AlarmPlace['onError']): () => Promise<void> {
  let running: Promise<void> | null = null
  let isFailing = false
  const round = async (): Promise<void> => {
    try {
      await courier.round()
      isFailing = false
    } catch (error) {
      // Once for each time that it begins to fail, not for each try.
      if (!isFailing) onError(error, `alarms to ${name}`)
      isFailing = true
    }
  }
  const timer = setInterval(() => {
    running ??= round().finally(() => {
      running = null
    })
  }, ROUND_MS)
  return async () => {
    clearInterval(timer)
    courier.abandon()
    await running
    await courier.stop()
  }
}

function whereOf({ to }: Target): string {
  switch (to.kind) {
    case 'webhook':
      return to.url.origin
    case 'command':
      return to.file
    case 'log':
      return 'the log of the server'
  }
}

function statusOf({ target, courier }: Party): TargetStatus {
  const { waiting, delivered, failed, givenUp, lastDelivered, lastError } = courier.state
  const next = waiting.length === 0 ? null : Math.min(...waiting.map(({ due }) => due))
  return {
    name: target.name,
    where: whereOf(target),
    waiting: waiting.length,
    nextTry: next === null ? null : new Date(next).toISOString(),
    delivered,
    failed,
    givenUp,
    lastDelivered,
    lastError,
  }
}

function partiesNamed(parties: readonly Party[], name: string | null): readonly Party[] {
  const found = parties.filter(({ target }) => name === null || target.name === name)
  if (found.length > 0) return found
  const there = parties.map(({ target }) => target.name).join(', ')
  throw new CommandError(`No alarm goes to a target "${name}". There are: ${there}.`)
}

/** They are told at once: one that does not answer delays no other. */
function testTargets(parties: readonly Party[], region: string, now: number): Promise<readonly TestResult[]> {
  const event: AlarmEvent = {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Keyspan Test',
    source: 'keyspan',
    account: '',
    time: new Date(now).toISOString().replace(/\.\d+Z$/, 'Z'),
    region,
    resources: [],
    detail: {},
  }
  return Promise.all(
    parties.map(async ({ target: { name }, send }) => {
      try {
        return { name, isDelivered: true, answer: await send(messageOf(event, ['test']), new AbortController().signal) }
      } catch (error) {
        if (!(error instanceof SendError)) throw error
        return { name, isDelivered: false, answer: error.message }
      }
    }),
  )
}
