import { z } from 'zod'
import {
  DAY_MS,
  DEFAULT_ROTATION_PERIOD_DAYS,
  MAX_ROTATION_PERIOD_DAYS,
  MIN_ROTATION_PERIOD_DAYS,
} from '../../../domain/limits.ts'
import { need, writeOperation } from '../../../kernel/operation.ts'
import { changeSchedule } from '../change-schedule.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../find-key.ts'
import { recordOf } from '../record.ts'
import { requireRotatable } from '../rotation.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:EnableKeyRotation'
const find = findKeyToManage(ACTION)

/** Lets a key, and all that are related to it, rotate by itself; or changes the period. */
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
    RotationPeriodInDays: z
      .int()
      .min(MIN_ROTATION_PERIOD_DAYS)
      .max(MAX_ROTATION_PERIOD_DAYS)
      .default(DEFAULT_ROTATION_PERIOD_DAYS),
  }),
  load: ({ KeyId }, call, reads) => find(KeyId, call, reads),
  requires: ({ RotationPeriodInDays }, key, { region }) => [
    need(ACTION, key, region, { 'kms:RotationPeriodInDays': String(RotationPeriodInDays) }),
  ],
  async run({ RotationPeriodInDays }, key, { now }, powers): Promise<void> {
    requireRotatable('EnableKeyRotation', key)
    const nextAt = now + RotationPeriodInDays * DAY_MS
    await changeSchedule(powers, key.record, { periodDays: RotationPeriodInDays, nextAt }, now)
  },
  record: (input, key) => recordOf(input, [key]),
})
