import { arnOf } from '../../domain/key.ts'
import { isCommercialRegion, type Region } from '../../domain/region.ts'
import { recordServiceEvent } from '../../kernel/audit.ts'
import { declareGone, relatedKeys } from '../../replication/lives.ts'
import { forget } from '../../replication/recovery.ts'
import { NOTHING, readSeat, writeStep } from '../../replication/seat.ts'
import type { OpenRegion } from '../regions/open-region.ts'

/** What becomes of keys when a Region is declared to be gone. */
export interface Loss {
  /** Keys of which it was a member: they go on without it. */
  readonly members: readonly string[]
  /** Keys whose primary is there: nobody rotates or replicates them until somebody takes its place. */
  readonly headless: readonly string[]
  /** Keys whose authority was on its way there: all others are asked where it is now. */
  readonly moving: readonly string[]
}

/** What is lost with a Region, as the Regions here know it. */
export async function lossOf(hosts: Iterable<Pick<OpenRegion, 'store'>>, gone: Region): Promise<Loss> {
  const loss = { members: [] as string[], headless: [] as string[], moving: [] as string[] }
  for (const { store } of hosts) {
    for await (const { account, keyId } of relatedKeys(store.reads)) {
      const key = await store.reads.key(account, keyId)
      const family = key?.family
      if (key === null || family === null || family === undefined) continue
      const { authority } = family
      if (authority?.handOff?.to === gone) loss.moving.push(arnOf(key))
      else if (authority?.members[gone] !== undefined) loss.members.push(arnOf(key))
      else if (authority === null && family.primaryRegion === gone) loss.headless.push(arnOf(key))
    }
  }
  return loss
}

/** Says why a Region cannot be forgotten; null where it can. */
export async function whyNotForgotten(
  hosts: Iterable<Pick<OpenRegion, 'store'>>,
  gone: Region,
): Promise<string | null> {
  if (!isCommercialRegion(gone)) return `"${gone}" is not a commercial AWS Region.`
  for (const { store } of hosts) if ((await store.reads.peer(gone)) !== null) return null
  return `No Region here has ever known ${gone}: there is nothing to forget.`
}

/**
 * Declares that a Region is gone for good, in every Region here: nobody waits for it any more, and nothing that it says
 * is heard. Said again, it changes nothing; cut off, it is said again.
 */
export async function forgetRegion(
  hosts: Iterable<Pick<OpenRegion, 'region' | 'store' | 'vault' | 'journal' | 'marks'>>,
  gone: Region,
  now: number,
): Promise<void> {
  for (const { region, vault, journal, marks } of hosts) {
    if (region === gone) continue
    await journal.transaction(async (writes, note) => {
      const peer = await writes.peer(gone)
      if (peer !== null) await declareGone(writes, peer)
      for await (const { account, keyId } of relatedKeys(writes)) {
        const before = await readSeat(writes, account, keyId)
        const step = forget(before, gone, now)
        if (step.seat === before || before.key === null) continue
        const about = { region, now, account, keyArn: arnOf(before.key) }
        await note(recordServiceEvent({ ...about, eventName: 'ForgetRegion', details: { forgottenRegion: gone } }))
        await writeStep({ writes, vault, note }, before, step, NOTHING, now)
      }
    })
    marks.heard(gone)
  }
}
