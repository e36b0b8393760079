import { z } from 'zod'
import { keyState } from '../../../domain/key-state.ts'
import {
  DEFAULT_DELETION_WINDOW_DAYS,
  MAX_DELETION_WINDOW_DAYS,
  MIN_DELETION_WINDOW_DAYS,
} from '../../../domain/limits.ts'
import { writeOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { scheduleDeletion } from '../../../replication/commands.ts'
import { changeKey } from '../keys/change-key.ts'
import { integer } from '../../../kernel/parse.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../keys/find-key.ts'
import { lastUsageOf, trailingDays } from '../keys/last-usage.ts'
import { recordOf } from '../record.ts'
import { requireState } from '../requirements.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:ScheduleKeyDeletion'
const find = findKeyToManage(ACTION)

/**
 * Schedules a key's deletion, in this Region only; from now on it cannot be used.
 *
 * The window of a multi-Region primary begins when its last replica has been deleted; until then it waits in
 * PendingReplicaDeletion.
 */
export const ScheduleKeyDeletion = writeOperation({
  name: 'ScheduleKeyDeletion',
  errors: [errors.InvalidArnException, errors.KMSInvalidStateException, errors.NotFoundException],
  input: z.object({
    KeyId: shape.keyId,
    // AWS's model allows 1 to 365; the service allows 7 to 30.
    PendingWindowInDays: integer(MIN_DELETION_WINDOW_DAYS, MAX_DELETION_WINDOW_DAYS).default(
      DEFAULT_DELETION_WINDOW_DAYS,
    ),
  }),
  async load({ KeyId }, call, reads) {
    const key = await find(KeyId, call, reads)
    return { key, use: await lastUsageOf(key.record, reads.uses) }
  },
  requires: ({ PendingWindowInDays }, { key, use }, { region, now }) => [
    need(ACTION, key, region, {
      'kms:ScheduleKeyDeletionPendingWindowInDays': String(PendingWindowInDays),
      ...trailingDays(use, now),
    }),
  ],
  async run({ PendingWindowInDays }, { key }, { now }, powers) {
    requireState('ScheduleKeyDeletion', key)
    const scheduled = scheduleDeletion(key.record, PendingWindowInDays, now)
    await changeKey(powers, scheduled, now)
    const at = scheduled.deletion?.at ?? null
    return {
      KeyId: key.arn,
      DeletionDate: at === null ? undefined : new Date(at),
      KeyState: keyState(scheduled),
      PendingWindowInDays,
    }
  },
  record: (input, found, answer) => recordOf(input, [found?.key ?? null], answer),
})
