import { createSecretKey, type KeyObject } from 'node:crypto'
import { hasMaterialId } from '../crypto/material.ts'
import { arnOf, type KeyRecord } from '../domain/key.ts'
import type { MaterialId } from '../domain/material-id.ts'
import type { Span } from '../domain/tracing/span.ts'
import type { Cursor } from '../storage/store.ts'
import { scopeOf } from '../storage/vault.ts'
import type { DriverHost, Peer } from './driver-host.ts'
import { createPull, readReply, type OpenReply, type ReplyEntry } from './exchange.ts'
import { keep } from './halted.ts'
import type { Message } from './message.ts'
import { cursorFor, ownLife, type StreamPlace } from './lives.ts'
import { compareMark } from './marks.ts'
import { chain, messageOf } from './outbox.ts'
import { passageOf } from './passage.ts'
import { NOTHING, readSeat, type Brought, type Pen } from './seat.ts'
import { ExchangeError } from './signed.ts'
import { takeIn } from './take-in.ts'
import { traceEntries } from './traced-entries.ts'

/** An entry that cannot be taken in. That is its key's affair: those of other keys can. */
class EntryError extends Error {}

/**
 * One exchange with a peer: asks for what is new, and takes it in. Says whether there was anything.
 *
 * All of it is one transaction with the cursor: an entry is taken in exactly once, whatever happens in between. One
 * that cannot be taken in is kept, and its key waits.
 *
 * @throws ExchangeError where the reply cannot be trusted; nothing has changed then
 */
export async function followOnce(host: DriverHost, peer: Peer, max: number, now: () => number): Promise<boolean> {
  const { region, store, vault } = host
  const trusted = await store.reads.peer(peer.region)
  if (trusted === null) throw new ExchangeError(`${region} does not trust ${peer.region} yet.`)
  const { cursor, isLost } = await cursorFor(store.reads, trusted)
  const startedAt = Date.now()
  const self = { ...(await ownLife(store.reads, peer.region)), isLost }
  const { pull, recipient } = createPull(vault.identity, region, cursor, max, self)
  const reply = readReply(await peer.exchange(pull), trusted.publicKey, pull, recipient)
  const { entries, aside } = reply
  if (aside.heard !== undefined) await compareMark(host, peer.region, aside.heard, now())
  if (isLost || aside.start !== undefined) return goOnFrom(host, cursor, aside.start)
  if (entries.length === 0) return false
  const traced = traceEntries(host, peer, entries, startedAt)
  try {
    await advance(host, cursor, entries, async (pen, entry) => {
      try {
        await takeInOrKeep(host, underSpan(pen, traced.spanOf(entry)), entry, peer, reply, now())
      } catch (cause) {
        throw new EntryError(`An entry for ${entry.keyId} cannot be taken in.`, { cause })
      }
    })
    traced.end()
  } catch (error) {
    traced.end(error)
    if (!(error instanceof EntryError)) throw error
    // Nothing of them was taken in. The first one goes alone: if it is the one, it is kept.
    if (entries.length > 1) return followOnce(host, peer, 1, now)
    await advance(host, cursor, entries, ({ writes }, entry) => keep(host, writes, entry, peer.region, error.cause))
  }
  return true
}

/** A Region that has lost its place in a stream goes on where it is told to. */
async function goOnFrom({ store }: DriverHost, cursor: Cursor, start: StreamPlace | undefined): Promise<true> {
  if (start === undefined)
    throw new ExchangeError(`${cursor.source} is of an older version: it tells nobody where to go on.`)
  await store.transaction((writes) =>
    writes.putCursor({ ...cursor, seq: start.seq, hash: Buffer.from(start.hash, 'base64') }),
  )
  return true
}

type HalfPen = Pick<Pen, 'writes' | 'note'>

/** What is said because of an entry goes on with its trace. */
function underSpan(pen: HalfPen, span: Span | undefined): HalfPen {
  return span === undefined ? pen : { ...pen, writes: { ...pen.writes, trace: span.traceparent } }
}

/** Moves the cursor over entries, in one transaction with what `each` does of them. */
async function advance(
  { journal }: DriverHost,
  cursor: Cursor,
  entries: readonly ReplyEntry[],
  each: (pen: HalfPen, entry: ReplyEntry) => Promise<void>,
): Promise<void> {
  const { source } = cursor
  await journal.transaction(async (writes, note) => {
    const kept = await writes.cursor(source)
    const isSame = kept === null ? cursor.seq === 0 : kept.seq === cursor.seq && kept.incarnation === cursor.incarnation
    if (!isSame) throw new ExchangeError(`Another process has followed ${source} meanwhile.`)
    let { seq, hash } = cursor
    for (const entry of entries) {
      hash = chain(hash, entry)
      seq += 1
      if (entry.seq !== seq || hash.toString('base64') !== entry.hash) {
        throw new ExchangeError(`The stream of ${source} does not continue from where it was: it was rolled back.`)
      }
      await each({ writes, note }, entry)
    }
    await writes.putCursor({ ...cursor, seq, hash })
  })
}

async function takeInOrKeep(
  host: DriverHost,
  { writes, note }: HalfPen,
  entry: ReplyEntry,
  peer: Peer,
  reply: OpenReply,
  now: number,
): Promise<void> {
  if (await writes.isHalted(entry.account, entry.keyId)) {
    for (const _unwanted of entry.materials) reply.skip()
    return keep(host, writes, entry, peer.region, null)
  }
  const message = messageOf(entry, peer.region, host.region)
  const { key } = await readSeat(writes, message.account, message.keyId)
  const brought = openMaterials(host, key, message, entry, reply)
  await takeIn({ writes, note, vault: host.vault }, message, brought, now)
}

/** A Region that has no such key any more has no use for its materials. */
function openMaterials(
  { alarm }: DriverHost,
  key: KeyRecord | null,
  message: Message,
  { materials, seq }: ReplyEntry,
  reply: OpenReply,
): Brought {
  if (key === null) {
    for (const _unwanted of materials) reply.skip()
    return NOTHING
  }
  const brought = new Map<MaterialId, KeyObject>()
  for (const sealed of materials) {
    const bytes = reply.open(passageOf(key, message, sealed.id, seq), sealed)
    const material = bytes === null ? null : createSecretKey(bytes)
    bytes?.fill(0)
    if (material !== null && hasMaterialId(material, scopeOf(key), key.spec, sealed.id)) {
      brought.set(sealed.id, material)
    } else {
      const wrong = material === null ? 'does not open' : 'is not the one it claims to be'
      alarm(new ExchangeError(`Material ${sealed.id} of ${arnOf(key)} from ${message.from} ${wrong}.`), arnOf(key))
    }
  }
  return brought
}
