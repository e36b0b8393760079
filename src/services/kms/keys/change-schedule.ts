import type { KeyRecord } from '../../../domain/key.ts'
import type { RotationSchedule } from '../../../domain/material-id.ts'
import type { WritePowers } from '../../../kernel/operation.ts'
import { changeShared } from '../../../replication/commands.ts'
import { NOTHING, readSeat, writeStep } from '../../../replication/seat.ts'
import { changeKey } from './change-key.ts'

/** Changes a key's automatic rotation; related keys hear of it from their primary. */
export async function changeSchedule(
  powers: WritePowers,
  key: KeyRecord,
  rotation: RotationSchedule | null,
  now: number,
): Promise<void> {
  if (key.family === null) return changeKey(powers, { ...key, rotation }, now)
  const seat = await readSeat(powers.writes, key.account, key.id)
  await writeStep(powers, seat, changeShared(seat, { rotation }), NOTHING, now)
}
