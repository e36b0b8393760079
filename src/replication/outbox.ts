import { hash } from 'node:crypto'
import { lengthPrefixed } from '../crypto/canonical.ts'
import type { Region } from '../domain/region.ts'
import type { OutboxEntry, RegionWrites } from '../storage/store.ts'
import type { Message } from './message.ts'

/** The hash before a stream's first entry. */
export const STREAM_START = Buffer.from('00'.repeat(32), 'hex')

/** What of a message is kept in a stream: the rest follows from whose stream it is. */
type StreamBody = Pick<Message, 'epoch' | 'incarnation' | 'body'> & {
  /** What has led to it is traced as this; absent where it is not. Nothing follows from it. */
  readonly trace?: string
}

/** Puts a message at the end of the stream to its Region, in the transaction that made it true. */
export async function appendToStream(writes: RegionWrites, message: Message, now: number): Promise<void> {
  const { to, account, keyId, epoch, incarnation, body } = message
  const head = await writes.outboxHead(to)
  const seq = (head?.seq ?? 0) + 1
  const { trace } = writes
  const text = JSON.stringify({ epoch, incarnation, body, ...(trace !== undefined && { trace }) } satisfies StreamBody)
  const entry = { seq, account, keyId, body: text }
  await writes.appendOutbox(to, { ...entry, hash: chain(head?.hash ?? STREAM_START, entry) }, now)
}

/** The hash of an entry in its place: it binds everything that was said before it. */
export function chain(previous: Uint8Array, entry: Omit<OutboxEntry, 'hash'>): Buffer {
  const fields = lengthPrefixed(BigInt(entry.seq), entry.account, entry.keyId, entry.body)
  return hash('sha256', Buffer.concat([previous, fields]), 'buffer')
}

/** Reads an entry back as the message that it was. */
export function messageOf(entry: Omit<OutboxEntry, 'hash'>, from: Region, to: Region): Message {
  const { epoch, incarnation, body } = JSON.parse(entry.body) as StreamBody
  return { from, to, account: entry.account, keyId: entry.keyId, epoch, incarnation, body }
}

/** What has led to an entry, as it is traced; null where it is not. */
export function traceOf({ body }: Pick<OutboxEntry, 'body'>): string | null {
  return (JSON.parse(body) as StreamBody).trace ?? null
}
