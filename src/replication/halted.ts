/**
 * Keys that wait: something was heard of them that cannot be taken in. It is kept, with all that is heard of them after
 * it, and tried again: at a start, which may be that of a newer version, and from time to time.
 */
import type { Region } from '../domain/region.ts'
import type { RegionWrites } from '../storage/store.ts'
import type { DriverHost } from './driver-host.ts'
import type { ReplyEntry } from './exchange.ts'
import { messageOf } from './outbox.ts'
import { NOTHING } from './seat.ts'
import { takeIn } from './take-in.ts'

type Named = Pick<ReplyEntry, 'account' | 'keyId'>

/**
 * Keeps an entry. What is said again while a key waits is kept once. Materials are not: they are sealed for one exchange,
 * and whoever is not told that they have arrived brings them again.
 *
 * @param cause why it cannot be taken in; null where it only comes after one that cannot
 */
export async function keep(
  { region, alarm }: Pick<DriverHost, 'region' | 'alarm'>,
  writes: RegionWrites,
  { account, keyId, body }: Pick<ReplyEntry, 'account' | 'keyId' | 'body'>,
  source: Region,
  cause: unknown,
): Promise<void> {
  const reason = cause instanceof Error ? cause.message : 'It comes after one that cannot be taken in.'
  await writes.keepMessage({ source, account, keyId, body, reason })
  if (cause !== null) alarm(cause, `what ${source} says of key ${keyId} cannot be taken in by ${region}: it is kept`)
}

/** Tries once more to take in what is kept of a key, in its order, up to the first that still cannot be. */
export async function retryKept(host: DriverHost, { account, keyId }: Named, now: number): Promise<void> {
  for (const kept of await host.store.reads.keptMessages(account, keyId)) {
    await host.journal.transaction(async (writes, note) => {
      const message = messageOf({ ...kept, seq: 0 }, kept.source, host.region)
      await takeIn({ writes, note, vault: host.vault }, message, NOTHING, now)
      await writes.forgetMessage(kept)
    })
  }
}
