import { createSecretKey, type KeyObject } from 'node:crypto'
import { materialId } from '../crypto/material.ts'
import type { KeyRecord } from '../domain/key.ts'
import type { Region } from '../domain/region.ts'
import type { AuditRecord } from '../kernel/audit.ts'
import type { Cursor, OutboxEntry, RegionStore, RegionWrites } from '../storage/store.ts'
import { scopeOf, type Vault } from '../storage/vault.ts'
import { expire, repeat } from './commands.ts'
import {
  claimedDestination,
  createPull,
  createReply,
  ExchangeError,
  readPull,
  readReply,
  type OpenReply,
  type Passage,
  type Pull,
  type ReplyEntry,
  type Signed,
} from './exchange.ts'
import type { Message } from './message.ts'
import { appendToStream, chain, headSeq, messageOf, STREAM_START } from './outbox.ts'
import { mayRotate, startRotation } from './rotation.ts'
import { eventsOf, readSeat, writeStep, type Brought } from './seat.ts'
import { receive } from './transitions.ts'

/** How many entries one exchange carries. */
const ENTRIES = 32
/** How many keys one sweep looks after; the next sweep takes the others. */
const SWEEP = 100

/** Another Region, as one Region reaches it. */
export interface Peer {
  readonly region: Region
  exchange(pull: Signed): Promise<Signed>
}

/** What the driver needs of its own Region. */
export interface DriverHost {
  readonly region: Region
  readonly store: RegionStore
  readonly vault: Vault
  readonly journal: {
    transaction<Result>(
      work: (writes: RegionWrites, note: (record: AuditRecord) => Promise<void>) => Promise<Result>,
    ): Promise<Result>
  }
}

/** Runs the transitions of one Region: what others say, what time brings, and what must be said again. */
export interface Driver {
  /** Answers a peer that follows this Region. */
  answer(pull: Signed): Promise<Signed>
  /** Follows a peer until nothing new is there. */
  follow(peer: Peer): Promise<void>
  /** Deletes and rotates what is due. */
  sweep(): Promise<void>
  /** Says again what others have followed and yet not confirmed. */
  repeat(): Promise<void>
}

/** The driver of one Region. */
export function createDriver(host: DriverHost, now: () => number): Driver {
  const { region, store, vault, journal } = host
  /** How far each peer has followed this Region, as its last pull said. */
  const followed = new Map<Region, number>()

  /** Opens what an entry brings. A material that is gone is not brought: the key is being deleted. */
  async function materialsOf(entry: OutboxEntry, pull: Pull): Promise<ReadonlyMap<Passage, KeyObject>> {
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

  async function applyEntry(
    writes: RegionWrites,
    note: (record: AuditRecord) => Promise<void>,
    message: Message,
    entry: ReplyEntry,
    reply: OpenReply,
  ): Promise<void> {
    const before = await readSeat(writes, message.account, message.keyId)
    const brought = before.key === null ? new Map() : openMaterials(before.key, message, entry, reply)
    const step = receive(before, region, withOnly(message, brought), now())
    await writeStep(writes, vault, before, step, brought, now())
    for (const record of eventsOf(region, before, step.seat, now())) await note(record)
  }

  /** One exchange with a peer; says whether there may be more. The last one, which brings nothing, confirms. */
  async function followOnce(peer: Peer): Promise<boolean> {
    const trusted = await store.reads.peer(peer.region)
    if (trusted === null) throw new ExchangeError(`${region} does not trust ${peer.region} yet.`)
    const start = { source: peer.region, incarnation: trusted.incarnation, seq: 0, hash: STREAM_START }
    const cursor: Cursor = (await store.reads.cursor(peer.region)) ?? start
    const { pull, recipient } = createPull(vault.identity, region, cursor, ENTRIES)
    const reply = readReply(await peer.exchange(pull), trusted.publicKey, pull, recipient)
    if (reply.entries.length === 0) return false
    await journal.transaction(async (writes, note) => {
      const current = (await writes.cursor(peer.region)) ?? start
      if (current.seq !== cursor.seq) throw new ExchangeError(`Another process has followed ${peer.region} meanwhile.`)
      let { seq, hash } = cursor
      for (const entry of reply.entries) {
        hash = chain(hash, entry)
        seq += 1
        if (entry.seq !== seq || hash.toString('base64') !== entry.hash) {
          throw new ExchangeError(`The stream of ${peer.region} does not continue from where it was: it was rolled back.`)
        }
        await applyEntry(writes, note, messageOf(entry, peer.region, region), entry, reply)
      }
      await writes.putCursor({ ...cursor, seq, hash })
    })
    return true
  }

  async function sweepKey({ account, id }: KeyRecord): Promise<void> {
    await journal.transaction(async (writes, note) => {
      const before = await readSeat(writes, account, id)
      const { key } = before
      const time = now()
      if (key === null) return
      if (key.deletion?.at !== null && key.deletion !== null && key.deletion.at <= time) {
        const step = expire(before)
        await writeStep(writes, vault, before, step, new Map(), time)
        for (const record of eventsOf(region, before, step.seat, time)) await note(record)
      } else if (key.rotation !== null && key.rotation.nextAt <= time && mayRotate(key)) {
        const { step, brought } = startRotation(before, 'AUTOMATIC', time)
        await writeStep(writes, vault, before, step, brought, time)
        for (const record of eventsOf(region, before, step.seat, time)) await note(record)
      }
    })
  }

  return {
    async answer(request) {
      const pull = await readTrustedPull(store, request)
      if (pull.source !== region) throw new ExchangeError(`A pull for ${pull.source} reached ${region}.`)
      if (pull.incarnation !== (await store.reads.meta('stream-incarnation'))) {
        throw new ExchangeError(`${pull.destination} follows a stream of ${region} that is no more.`)
      }
      followed.set(pull.destination, pull.afterSeq)
      const entries = await store.reads.outbox(pull.destination, pull.afterSeq, Math.min(pull.max, ENTRIES))
      const materials = new Map<number, ReadonlyMap<Passage, KeyObject>>()
      for (const entry of entries) materials.set(entry.seq, await materialsOf(entry, pull))
      return createReply(vault.identity, request, pull, entries, (entry) => materials.get(entry.seq) ?? new Map())
    },
    async follow(peer) {
      while (await followOnce(peer));
    },
    async sweep() {
      for (const key of await store.reads.dueKeys(now(), SWEEP)) await sweepKey(key)
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
    },
  }
}

async function readTrustedPull(store: RegionStore, request: Signed): Promise<Pull> {
  const destination = claimedDestination(request)
  const peer = await store.reads.peer(destination)
  if (peer === null) throw new ExchangeError(`${store.region} does not trust a Region named ${destination}.`)
  return readPull(request, peer.publicKey)
}

function openMaterials(key: KeyRecord, message: Message, entry: ReplyEntry, reply: OpenReply): Brought {
  const brought = new Map<string, KeyObject>()
  for (const sealed of entry.materials) {
    const bytes = reply.open(passageOf(key, message, sealed.id, entry.seq), sealed)
    const material = createSecretKey(bytes)
    bytes.fill(0)
    if (materialId(material, scopeOf(key), key.spec) !== sealed.id) {
      throw new ExchangeError(`A material of ${key.id} from ${message.from} is not the one it claims to be.`)
    }
    brought.set(sealed.id, material)
  }
  return brought
}

/** A message brings what came with it, whatever it says. */
function withOnly(message: Message, brought: Brought): Message {
  if (message.body.type !== 'sync') return message
  return { ...message, body: { ...message.body, bring: [...brought.keys()] } }
}

function passageOf(key: KeyRecord, { from, to, body }: Message, id: string, seq: number): Passage {
  const materials = body.type === 'sync' ? body.shared.materials : []
  return {
    keyId: key.id,
    account: key.account,
    scopeArn: scopeOf(key),
    spec: key.spec,
    usage: key.usage,
    origin: key.origin,
    materialId: id,
    generation: materials.find((material) => material.id === id)?.generation ?? 0,
    source: from,
    destination: to,
    seq,
  }
}
