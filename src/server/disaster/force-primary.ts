import { parseArn } from '../../domain/arn.ts'
import { arnOf, type KeyRecord } from '../../domain/key.ts'
import { roleOf } from '../../domain/multi-region.ts'
import type { Region } from '../../domain/region.ts'
import { recordServiceEvent } from '../../kernel/audit.ts'
import { disown, livingPeers } from '../../replication/lives.ts'
import { ask, LEAP, recover } from '../../replication/recovery.ts'
import { NOTHING, readSeat, writeStep } from '../../replication/seat.ts'
import { CommandError } from '../command-error.ts'
import type { OpenRegion } from '../regions/open-region.ts'

/** Which key is meant, and what an operator says of its primary. */
export interface Forcing {
  readonly key: string
  /** The Region whose key becomes the primary. */
  readonly to: Region
  /** The Region that has been the primary, and is gone for good. */
  readonly destroyed: Region
}

/** How far it has come. */
export interface Forced {
  readonly isDone: boolean
  readonly text: string
}

/** What is meant by an ARN: whichever Region it names. @throws CommandError */
export function keyMeant(arn: string): { readonly account: string; readonly keyId: string } {
  const parsed = parseArn(arn)
  const keyId = /^key\/(mrk-[0-9a-f]+)$/.exec(parsed?.resource ?? '')?.[1]
  if (parsed !== null && keyId !== undefined) return { account: parsed.account, keyId }
  throw new CommandError(
    `"${arn}" is not the ARN of a multi-Region key, such as arn:aws:kms:eu-west-1:111122223333:key/mrk-…`,
  )
}

/**
 * Gives the authority over a key, which was in a Region that is destroyed, to the replica in another: under an epoch
 * that nobody else can have reached, once every other Region has said what it knows. Said again, it tells how far it is.
 *
 * @throws CommandError where it cannot be; nothing has changed then
 */
export async function forcePrimary(
  { region, store, vault, journal }: Pick<OpenRegion, 'region' | 'store' | 'vault' | 'journal'>,
  { key: arn, destroyed }: Pick<Forcing, 'key' | 'destroyed'>,
  now: number,
): Promise<Forced> {
  const { account, keyId } = keyMeant(arn)
  const others = (await livingPeers(store.reads)).map((peer) => peer.region).filter((each) => each !== destroyed)
  await journal.transaction(async (writes, note) => {
    const before = await readSeat(writes, account, keyId)
    if (!requireForcible(before.key, region, destroyed)) return
    const details = { destroyedRegion: destroyed, primaryRegion: region }
    const keyArn = arnOf(before.key)
    await note(recordServiceEvent({ region, now, account, keyArn, eventName: 'ForcePrimaryRegion', details }))
    const begun = recover(before, { without: destroyed, leap: LEAP })
    await disown(writes, destroyed)
    await writeStep({ writes, vault, note }, before, ask(begun.seat, others, now), NOTHING, now)
  })
  return progressOf(await store.reads.key(account, keyId), region)
}

/** Says whether there is anything to do that was not begun. @throws CommandError where it must not be done */
export async function isToBeForced(
  { region, store }: Pick<OpenRegion, 'region' | 'store'>,
  { key, destroyed }: Pick<Forcing, 'key' | 'destroyed'>,
): Promise<boolean> {
  const { account, keyId } = keyMeant(key)
  return requireForcible(await store.reads.key(account, keyId), region, destroyed)
}

function requireForcible(key: KeyRecord | null, region: Region, destroyed: Region): key is KeyRecord {
  const family = key?.family
  if (key === null || family === null || family === undefined) {
    throw new CommandError(`${region} has no such multi-Region key.`)
  }
  if (region === destroyed) throw new CommandError(`${region} cannot take its own place. Name another Region.`)
  if (roleOf(family) === 'PRIMARY' || family.recovery?.without === destroyed) return false
  if (family.authority !== null || family.recovery !== undefined) {
    throw new CommandError(
      `${arnOf(key)} is on its way: its authority is moving, or being asked for. keyspan mrk show says for whom it waits; ` +
        'for a Region that is gone for good: keyspan region forget.',
    )
  }
  if (family.primaryRegion !== destroyed) {
    throw new CommandError(`The primary of ${arnOf(key)} is in ${family.primaryRegion}, not in ${destroyed}.`)
  }
  if (!family.active) {
    throw new CommandError(`${arnOf(key)} was never filled: it does not have every material. Name another Region.`)
  }
  return true
}

function progressOf(key: KeyRecord | null, region: Region): Forced {
  const family = key?.family ?? null
  if (key === null || family === null) return { isDone: false, text: `${region} has no such key any more.` }
  if (roleOf(family) === 'PRIMARY') return { isDone: true, text: `The primary of ${arnOf(key)} is in ${region} now.` }
  const waits = family.recovery?.waits ?? []
  if (family.recovery === undefined) {
    return { isDone: false, text: `Another Region was found to be the primary: ${family.primaryRegion}.` }
  }
  return {
    isDone: false,
    text:
      `${arnOf(key)} becomes the primary in ${region} as soon as ${waits.join(', ') || 'all others'} ` +
      `${waits.length === 1 ? 'has' : 'have'} answered. For a Region that is gone for good as well: keyspan region forget.`,
  }
}
