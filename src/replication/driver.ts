import type { KeyObject } from 'node:crypto'
import { expiredImports } from '../domain/imports.ts'
import type { KeyRecord } from '../domain/key.ts'
import type { Region } from '../domain/region.ts'
import { mayRotate } from '../domain/rotation.ts'
import type { KeyName, OutboxEntry, PendingRecord, RegionReads, RegionStore, RegionWrites } from '../storage/store.ts'
import type { Vault } from '../storage/vault.ts'
import { expire, repeat } from './commands.ts'
import { discard } from './imports.ts'
import {
  claimedDestination,
  createReply,
  ExchangeError,
  readPull,
  type Passage,
  type Pull,
  type Signed,
} from './exchange.ts'
import { followOnce } from './follow.ts'
import type { Seat, Step } from './governing.ts'
import { appendToStream, headSeq, messageOf } from './outbox.ts'
import { passageOf } from './passage.ts'
import { startRotation } from './rotation.ts'
import { eventsOf, readSeat, recordExpiry, writeStep, type Brought } from './seat.ts'

/** How many entries one exchange carries. */
const ENTRIES = 32
/** How many keys one sweep looks after; the next sweep takes the others. */
const SWEEP = 100
/** What a peer has followed is kept so long, for a peer that is put back from an older backup. */
const KEEP_MS = 7 * 24 * 60 * 60 * 1000

/** Another Region, as one Region reaches it. */
export interface Peer {
  readonly region: Region
  exchange(pull: Signed): Promise<Signed>
}

/** Writes a record in the transaction of what it tells of. */
export type Note = (record: PendingRecord) => Promise<void>

/** What the driver needs of its own Region. */
export interface DriverHost {
  readonly region: Region
  readonly store: RegionStore
  readonly vault: Vault
  readonly journal: {
    transaction<Result>(work: (writes: RegionWrites, note: Note) => Promise<Result>): Promise<Result>
  }
}

/** Runs the transitions of one Region: what others say, what time brings, and what must be said again. */
export interface Driver {
  /** Answers a peer that follows this Region. */
  answer(pull: Signed): Promise<Signed>
  /** Follows a peer until nothing new is there. */
  follow(peer: Peer): Promise<void>
  /** Deletes and rotates what is due, and deletes what was imported and has expired. */
  sweep(): Promise<void>
  /** Says again what others have followed and yet not confirmed, and forgets what all have long followed. */
  repeat(): Promise<void>
}

/** The driver of one Region. */
export function createDriver(host: DriverHost, now: () => number): Driver {
  const { store, vault } = host
  /** How far each peer has followed this Region, as its last pull said. */
  const followed = new Map<Region, number>()
  return {
    async answer(request) {
      const pull = await readTrustedPull(store, request)
      followed.set(pull.destination, pull.afterSeq)
      const entries = await store.reads.outbox(pull.destination, pull.afterSeq, Math.min(pull.max, ENTRIES))
      const materials = new Map<number, ReadonlyMap<Passage, KeyObject>>()
      for (const entry of entries) materials.set(entry.seq, await materialsOf(host, entry, pull))
      return createReply(vault.identity, request, pull, entries, (entry) => materials.get(entry.seq) ?? new Map())
    },
    async follow(peer) {
      // The last exchange brings nothing: it tells the peer how far we are.
      while (await followOnce(host, peer, ENTRIES, now));
    },
    async sweep() {
      if (await store.reads.hasExpiredImportJob(now())) {
        await store.transaction((writes) => writes.deleteImportJobs(now()))
      }
      for (const key of await store.reads.dueKeys(now(), SWEEP)) await sweepKey(host, key, now())
    },
    async repeat() {
      for (const { account, id } of await store.reads.unsettledKeys(SWEEP)) {
        await store.transaction(async (writes) => {
          for (const message of repeat(await readSeat(writes, account, id))) {
            // What is still under way needs no repeating.
            if (followed.get(message.to) !== (await headSeq(writes, message.to))) continue
            await appendToStream(writes, message, now())
          }
        })
      }
      await store.transaction(async (writes) => {
        for (const [region, seq] of followed) await writes.pruneOutbox(region, seq, now() - KEEP_MS)
      })
    },
  }
}

/** Opens what an entry brings. A material that is gone is not brought: the key is being deleted. */
async function materialsOf(
  { region, store, vault }: DriverHost,
  entry: OutboxEntry,
  pull: Pull,
): Promise<ReadonlyMap<Passage, KeyObject>> {
  const message = messageOf(entry, region, pull.destination)
  const opened = new Map<Passage, KeyObject>()
  if (message.body.type !== 'sync' || message.body.bring.length === 0) return opened
  const key = await store.reads.key(entry.account, entry.keyId)
  if (key === null) return opened
  for (const stored of await store.reads.materialsOf(entry.account, entry.keyId)) {
    if (!message.body.bring.includes(stored.id)) continue
    opened.set(passageOf(key, message, stored.id, entry.seq), vault.open(key, stored))
  }
  return opened
}

/** Does what is due for one key, if it still is. */
async function sweepKey(host: DriverHost, { account, id }: KeyName, now: number): Promise<void> {
  await host.journal.transaction(async (writes, note) => {
    const before = await readSeat(writes, account, id)
    if (before.key === null) return
    const due = dueStep(before, before.key, now)
    if (due !== null) {
      await writeStep(writes, host.vault, before, due.step, due.brought, now)
      for (const record of eventsOf(host.region, before, due.step.seat, now)) await note(record)
      return
    }
    const expired = expiredImports(before.key, now)
    if (expired.length === 0) return
    await writeStep(writes, host.vault, before, discard(before, expired), new Map(), now)
    for (const id of expired) await note(recordExpiry(before.key, id, now))
  })
}

function dueStep(seat: Seat, key: KeyRecord, now: number): { step: Step; brought: Brought } | null {
  const { deletion, rotation } = key
  if (deletion !== null && deletion.at !== null && deletion.at <= now) return { step: expire(seat), brought: new Map() }
  if (rotation !== null && rotation.nextAt <= now && mayRotate(key)) return startRotation(seat, 'AUTOMATIC', now)
  return null
}

async function readTrustedPull(store: RegionStore, request: Signed): Promise<Pull> {
  const { region, reads } = store
  const destination = claimedDestination(request)
  const peer = await reads.peer(destination)
  if (peer === null) throw new ExchangeError(`${region} does not trust a Region named ${destination}.`)
  const pull = readPull(request, peer.publicKey)
  if (pull.source !== region) throw new ExchangeError(`A pull for ${pull.source} reached ${region}.`)
  if (pull.incarnation !== (await reads.meta('stream-incarnation'))) {
    throw new ExchangeError(`${destination} follows a stream of ${region} that is no more.`)
  }
  if (!(await hasSaid(reads, pull))) {
    throw new ExchangeError(
      `${destination} has heard what ${region} does not know to have said: the data of ${region} was rolled back. ` +
        'Put the data of all Regions back from the same backup.',
    )
  }
  return pull
}

/** Says whether the place up to which a peer has followed is one that this stream has passed, with that hash. */
async function hasSaid(reads: RegionReads, { destination, afterSeq, afterHash }: Pull): Promise<boolean> {
  if (afterSeq === 0) return true
  const [entry] = await reads.outbox(destination, afterSeq - 1, 1)
  if (entry === undefined) return false
  // An entry that has been forgotten cannot be compared any more; those behind it still chain to it.
  return entry.seq > afterSeq || entry.hash.toString('base64') === afterHash
}
