import type { KeyRecord } from '../../../domain/key.ts'
import { changeOwn } from '../../../replication/commands.ts'
import { NOTHING, readSeat, writeStep, type Brought, type Pen } from '../../../replication/seat.ts'

/** Writes a new key, with its first material if it has one. */
export function makeKey(pen: Pen, key: KeyRecord, brought: Brought, now: number): Promise<void> {
  const before = { key: null, tombstone: null }
  return writeStep(pen, before, changeOwn(before, key), brought, now)
}

/** Writes a change of what a key has of its own in this Region. */
export async function changeKey(pen: Pen, key: KeyRecord, now: number): Promise<void> {
  const seat = await readSeat(pen.writes, key.account, key.id)
  await writeStep(pen, seat, changeOwn(seat, key), NOTHING, now)
}
