import type { KeyObject } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { keyArn } from '../domain/arn.ts'
import { expiredImports } from '../domain/imports.ts'
import type { KeyRecord } from '../domain/key.ts'
import type { Region } from '../domain/region.ts'
import { mayRotate } from '../domain/rotation.ts'
import type { OutboxEntry, Page, RegionStore, StoredPeer, Touched } from '../storage/store.ts'
import { expire, repeat } from './commands.ts'
import type { DriverHost, Peer } from './driver-host.ts'
import { claimedDestination, createReply, readPull, type Passage, type Pull } from './exchange.ts'
import { followOnce } from './follow.ts'
import { conclude, type Seat, type Step } from './governing.ts'
import { isLostTo, livingPeers } from './lives.ts'
import { markOf, meet } from './marks.ts'
import { retryKept } from './halted.ts'
import { discard } from './imports.ts'
import type { MessageType } from './message.ts'
import { messageOf } from './outbox.ts'
import { passageOf } from './passage.ts'
import { ask } from './recovery.ts'
import { startRotation } from './rotation.ts'
import { ExchangeError, type Signed } from './signed.ts'
import { eventsOf, NOTHING, readSeat, recordExpiry, writeStep, type Brought } from './seat.ts'

/** How many entries one exchange carries. */
const ENTRIES = 32
/** How many keys are looked up at a time. */
const PAGE = 1000
/** How many keys are looked after each time that things are said again; the next time it is the turn of those after. */
const REPEATS = 500
/** A peer that has yet to hear more than this is left to hear it before anything is said again. */
const BACKLOG = 1000
/** What a peer has followed is kept so long, for a peer that is put back from an older backup. */
const KEEP_MS = 7 * 24 * 60 * 60 * 1000

/** Runs the transitions of one Region: what others say, what time brings, and what must be said again. */
export interface Driver {
  /** Answers a peer that follows this Region. */
  answer(pull: Signed): Promise<Signed>
  /** Says whether there is anything in the stream to a peer. */
  hasSpokenTo(peer: Region): Promise<boolean>
  /** Says whether this Region was put back, and has yet to learn where a peer's stream goes on. */
  isLostTo(peer: Region): Promise<boolean>
  /** How far a peer has followed this Region, as its last pull since the start said; null where there was none. */
  followedBy(peer: Region): number | null
  /** Follows a peer until nothing new is there. */
  follow(peer: Peer): Promise<void>
  /**
   * Deletes and rotates all that is due, and deletes what was imported and has expired.
   *
   * @param goesOn asked before each key
   */
  sweep(goesOn: () => boolean): Promise<void>
  /**
   * Says again what others have followed and yet not confirmed, tries again what could not be taken in, and forgets
   * what all have long followed.
   */
  repeat(): Promise<void>
}

/** The driver of one Region. A key whose work fails is told of, and stops no other. */
export function createDriver(host: DriverHost, now: () => number): Driver {
  const { region, store, vault } = host
  /** How far each peer has followed this Region, as its last pull said. */
  const followed = new Map<Region, number>()
  /** Where the next round of repeating begins. */
  let turn: string | null = null

  const attempt = async ({ account, keyId }: Touched, what: string, work: () => Promise<void>): Promise<void> => {
    await work().catch((error: unknown) => host.alarm(error, `${what} of ${keyArn(region, account, keyId)}`))
  }
  return {
    async answer(request) {
      const { pull, peer } = await readTrustedPull(store, request)
      const aside = await meet(host, pull, peer, now())
      if (aside !== null) return createReply(vault.identity, request, pull, [], () => new Map(), aside)
      followed.set(pull.destination, pull.afterSeq)
      host.marks?.heard(pull.destination)
      const entries = await store.reads.outbox(pull.destination, pull.afterSeq, Math.min(pull.max, ENTRIES))
      const materials = new Map<number, ReadonlyMap<Passage, KeyObject>>()
      for (const entry of entries) materials.set(entry.seq, await materialsOf(host, entry, pull))
      const heard = await markOf(store.reads, (await store.reads.peer(peer.region)) ?? peer)
      return createReply(vault.identity, request, pull, entries, (entry) => materials.get(entry.seq) ?? new Map(), {
        heard,
      })
    },
    followedBy: (peer) => followed.get(peer) ?? null,
    isLostTo: (peer) => isLostTo(store.reads, peer),
    hasSpokenTo: async (peer) => (await store.reads.outboxHead(peer)) !== null,
    async follow(peer) {
      // The last exchange brings nothing: it tells the peer how far we are.
      while (await followOnce(host, peer, ENTRIES, now));
    },
    async sweep(goesOn) {
      if (await store.reads.hasExpiredImportJob(now())) {
        await store.transaction((writes) => writes.deleteImportJobs(now()))
      }
      for await (const key of allOf((page) => store.reads.dueKeys(now(), page))) {
        if (!goesOn()) return
        await attempt(key, 'what is due', () => sweepKey(host, key, now()))
      }
    },
    async repeat() {
      for await (const key of allOf((page) => store.reads.haltedKeys(page))) {
        await attempt(key, 'what is kept', () => retryKept(host, key, now()))
      }
      const onTheWay = await messagesOnTheWay(host, followed)
      const keys = await store.reads.unsettledKeys({ after: turn, limit: REPEATS })
      turn = keys.length < REPEATS ? null : (keys.at(-1)?.keyId ?? null)
      const others = (await livingPeers(store.reads)).map(({ region: other }) => other)
      for (const key of keys) {
        await attempt(key, 'what is not confirmed', () =>
          repeatKey(host, key, { isUnderWay: (to, type) => onTheWay(to, key, type), others }, now()),
        )
      }
      await store.transaction(async (writes) => {
        for (const [peer, seq] of followed) await writes.pruneOutbox(peer, seq, now() - KEEP_MS)
      })
    },
  }
}

/** Every key of a listing, each once, though it changes meanwhile. Lets others have their turn between pages. */
async function* allOf(list: (page: Page) => Promise<readonly Touched[]>): AsyncGenerator<Touched> {
  let after: string | null = null
  for (;;) {
    const keys: readonly Touched[] = await list({ after, limit: PAGE })
    yield* keys
    if (keys.length < PAGE) return
    after = keys.at(-1)?.keyId ?? null
    await setImmediate()
  }
}

/**
 * Says of which keys a peer has yet to hear something of a kind: of all, where nothing is known of it or much is on its
 * way.
 */
async function messagesOnTheWay(
  { region, store, alarm }: DriverHost,
  followed: ReadonlyMap<Region, number>,
): Promise<(to: Region, key: Touched, type: MessageType) => boolean> {
  const names = new Map<Region, ReadonlySet<string> | null>()
  for (const [peer, seq] of followed) {
    try {
      const entries = await store.reads.outbox(peer, seq, BACKLOG)
      const isTooMuch = entries.length === BACKLOG
      names.set(
        peer,
        isTooMuch ? null : new Set(entries.map((entry) => nameOf(entry, messageOf(entry, region, peer).body.type))),
      )
    } catch (error) {
      alarm(error, `the stream from ${region} to ${peer} cannot be read`)
    }
  }
  return (to, key, type) => names.get(to)?.has(nameOf(key, type)) ?? true
}

function nameOf({ account, keyId }: Touched, type: MessageType): string {
  return `${account}/${keyId}/${type}`
}

/** Says again what nobody has confirmed of a key, and does what it has waited for and nobody has noticed. */
async function repeatKey(
  { store, vault, journal }: DriverHost,
  { account, keyId }: Touched,
  {
    isUnderWay,
    others,
  }: { readonly isUnderWay: (to: Region, type: MessageType) => boolean; readonly others: readonly Region[] },
  now: number,
): Promise<void> {
  const seat = await readSeat(store.reads, account, keyId)
  const next = (before: Seat): Step =>
    before.key?.family?.recovery?.waits === null ? ask(before, others, now) : repeat(before, isUnderWay)
  const { seat: after, out } = conclude(next(seat), now)
  if (after === seat && out.length === 0) return
  await journal.transaction(async (writes, note) => {
    const before = await readSeat(writes, account, keyId)
    await writeStep({ writes, note, vault }, before, next(before), NOTHING, now)
  })
}

/** Opens what an entry brings. A material that is gone is not brought: the key is being deleted. */
async function materialsOf(
  { region, store, vault, alarm }: DriverHost,
  entry: OutboxEntry,
  pull: Pull,
): Promise<ReadonlyMap<Passage, KeyObject>> {
  const opened = new Map<Passage, KeyObject>()
  const about = keyArn(region, entry.account, entry.keyId)
  try {
    const message = messageOf(entry, region, pull.destination)
    const { body } = message
    if ((body.type !== 'sync' && body.type !== 'standing') || body.bring.length === 0) return opened
    const key = await store.reads.key(entry.account, entry.keyId)
    if (key === null) return opened
    for (const stored of await store.reads.materialsOf(entry.account, entry.keyId)) {
      if (!body.bring.includes(stored.id)) continue
      try {
        opened.set(passageOf(key, message, stored.id, entry.seq), vault.open(key, stored))
      } catch (error) {
        alarm(error, `material ${stored.id} of ${about} cannot be opened: ${pull.destination} is not brought it`)
      }
    }
  } catch (error) {
    alarm(error, `what is kept of ${about} cannot be read: ${pull.destination} is brought no material of it`)
  }
  return opened
}

/** Does what is due for one key, if it still is. */
async function sweepKey(
  { journal, vault, marks }: DriverHost,
  { account, keyId }: Touched,
  now: number,
): Promise<void> {
  await journal.transaction(async (writes, note) => {
    const pen = { writes, note, vault }
    const before = await readSeat(writes, account, keyId)
    if (before.key === null || !knowsWhatItDid(before.key, marks)) return
    const due = dueStep(before, before.key, now)
    if (due !== null) {
      for (const record of eventsOf(before, due.step.seat, now)) await note(record)
      await writeStep(pen, before, due.step, due.brought, now)
      return
    }
    const expired = expiredImports(before.key, now)
    if (expired.length === 0) return
    for (const id of expired) await note(recordExpiry(before.key, id, now))
    await writeStep(pen, before, discard(before, expired), NOTHING, now)
  })
}

/** What a Region may have forgotten may have been taken back: nothing is deleted or rotated by what it remembers. */
function knowsWhatItDid({ family }: KeyRecord, marks: DriverHost['marks']): boolean {
  if (family === null) return true
  return family.recovery === undefined && (family.authority === null || (marks?.unheard() ?? []).length === 0)
}

function dueStep(seat: Seat, key: KeyRecord, now: number): { step: Step; brought: Brought } | null {
  const { deletion, rotation } = key
  if (deletion !== null && deletion.at !== null && deletion.at <= now) return { step: expire(seat), brought: NOTHING }
  if (rotation !== null && rotation.nextAt <= now && mayRotate(key)) return startRotation(seat, 'AUTOMATIC', now)
  return null
}

async function readTrustedPull(
  store: RegionStore,
  request: Signed,
): Promise<{ readonly pull: Pull; readonly peer: StoredPeer }> {
  const { region, reads } = store
  const destination = claimedDestination(request)
  const peer = await reads.peer(destination)
  if (peer === null) throw new ExchangeError(`${region} does not trust a Region named ${destination}.`)
  const pull = readPull(request, peer.publicKey)
  if (pull.source !== region) throw new ExchangeError(`A pull for ${pull.source} reached ${region}.`)
  return { pull, peer }
}
