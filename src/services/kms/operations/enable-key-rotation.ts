import { z } from 'zod'
import {
  DAY_MS,
  DEFAULT_ROTATION_PERIOD_DAYS,
  MAX_ROTATION_PERIOD_DAYS,
  MIN_ROTATION_PERIOD_DAYS,
} from '../../../domain/limits.ts'
import type { KeySnapshot } from '../../../kernel/keys/snapshot.ts'
import { writeOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { integer } from '../../../kernel/parse.ts'
import { changeSchedule } from '../keys/change-schedule.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../keys/find-key.ts'
import { recordOf } from '../record.ts'
import { requireRotatable } from '../keys/rotation.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:EnableKeyRotation'
const find = findKeyToManage(ACTION)

/**
 * Lets a key, and all that are related to it, rotate by itself; or changes the period. Asked again for the period that
 * it has, or for none, the next date stays.
 */
export const EnableKeyRotation = writeOperation({
  name: 'EnableKeyRotation',
  errors: [
    errors.DisabledException,
    errors.InvalidArnException,
    errors.KMSInvalidStateException,
    errors.NotFoundException,
    errors.UnsupportedOperationException,
  ],
  input: z.object({
    KeyId: shape.keyId,
    RotationPeriodInDays: integer(MIN_ROTATION_PERIOD_DAYS, MAX_ROTATION_PERIOD_DAYS).optional(),
  }),
  load: ({ KeyId }, call, reads) => find(KeyId, call, reads),
  requires: ({ RotationPeriodInDays }, key, { region }) => [
    need(ACTION, key, region, { 'kms:RotationPeriodInDays': String(periodOf(RotationPeriodInDays, key)) }),
  ],
  async run({ RotationPeriodInDays }, key, { now }, powers): Promise<void> {
    requireRotatable('EnableKeyRotation', key)
    const periodDays = periodOf(RotationPeriodInDays, key)
    if (periodDays === key.record.rotation?.periodDays) return
    await changeSchedule(powers, key.record, { periodDays, nextAt: now + periodDays * DAY_MS }, now)
  },
  record: (input, key) => recordOf(input, [key]),
})

/** The period that is asked for, or else the one that the key has. */
function periodOf(asked: number | undefined, { record }: KeySnapshot): number {
  return asked ?? record.rotation?.periodDays ?? DEFAULT_ROTATION_PERIOD_DAYS
}
