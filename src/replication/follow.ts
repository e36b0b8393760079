import { createSecretKey, type KeyObject } from 'node:crypto'
import { hasMaterialId } from '../crypto/material.ts'
import type { KeyRecord, MaterialId } from '../domain/key.ts'
import type { Cursor, RegionWrites } from '../storage/store.ts'
import { scopeOf } from '../storage/vault.ts'
import type { DriverHost, Note, Peer } from './driver.ts'
import { createPull, ExchangeError, readReply, type OpenReply, type ReplyEntry } from './exchange.ts'
import type { Message } from './message.ts'
import { chain, messageOf, STREAM_START } from './outbox.ts'
import { passageOf } from './passage.ts'
import { eventsOf, readSeat, writeStep, type Brought } from './seat.ts'
import { receive } from './transitions.ts'

/**
 * One exchange with a peer: asks for what is new, and takes it in. Says whether there was anything.
 *
 * All of it is one transaction with the cursor: an entry is taken in exactly once, whatever happens in between.
 *
 * @throws ExchangeError where the reply cannot be trusted; nothing has changed then
 */
export async function followOnce(host: DriverHost, peer: Peer, max: number, now: () => number): Promise<boolean> {
  const { region, store, vault, journal } = host
  const trusted = await store.reads.peer(peer.region)
  if (trusted === null) throw new ExchangeError(`${region} does not trust ${peer.region} yet.`)
  const start: Cursor = { source: peer.region, incarnation: trusted.incarnation, seq: 0, hash: STREAM_START }
  const cursor = (await store.reads.cursor(peer.region)) ?? start
  const { pull, recipient } = createPull(vault.identity, region, cursor, max)
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
      await takeIn(host, writes, note, messageOf(entry, peer.region, region), entry, reply, now())
    }
    await writes.putCursor({ ...cursor, seq, hash })
  })
  return true
}

async function takeIn(
  { region, vault }: DriverHost,
  writes: RegionWrites,
  note: Note,
  message: Message,
  entry: ReplyEntry,
  reply: OpenReply,
  now: number,
): Promise<void> {
  const before = await readSeat(writes, message.account, message.keyId)
  const brought = openMaterials(before.key, message, entry, reply)
  const step = receive(before, region, bringing(message, brought), now)
  await writeStep(writes, vault, before, step, brought, now)
  for (const record of eventsOf(region, before, step.seat, now)) await note(record)
}

/** A Region that has no such key any more has no use for its materials. */
function openMaterials(key: KeyRecord | null, message: Message, entry: ReplyEntry, reply: OpenReply): Brought {
  const brought = new Map<MaterialId, KeyObject>()
  for (const sealed of entry.materials) {
    if (key === null) {
      reply.skip()
      continue
    }
    const bytes = reply.open(passageOf(key, message, sealed.id, entry.seq), sealed)
    const material = createSecretKey(bytes)
    bytes.fill(0)
    if (!hasMaterialId(material, scopeOf(key), key.spec, sealed.id)) {
      throw new ExchangeError(`A material of ${key.id} from ${message.from} is not the one it claims to be.`)
    }
    brought.set(sealed.id, material)
  }
  return brought
}

/** A message brings what came with it, whatever it says. */
function bringing(message: Message, brought: Brought): Message {
  if (message.body.type !== 'sync') return message
  return { ...message, body: { ...message.body, bring: [...brought.keys()] } }
}
