import { z } from 'zod'
import { writeOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { changeKey } from '../keys/change-key.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../keys/find-key.ts'
import { lastUsageOf, trailingDays } from '../keys/last-usage.ts'
import { recordOf } from '../record.ts'
import { requireState } from '../requirements.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:DisableKey'
const find = findKeyToManage(ACTION)

/** Keeps a key from being used, in this Region only: its related keys elsewhere go on. */
export const DisableKey = writeOperation({
  name: 'DisableKey',
  errors: [errors.InvalidArnException, errors.KMSInvalidStateException, errors.NotFoundException],
  input: z.object({ KeyId: shape.keyId }),
  async load({ KeyId }, call, reads) {
    const key = await find(KeyId, call, reads)
    return { key, use: await lastUsageOf(key.record, reads.uses) }
  },
  requires: (_input, { key, use }, { region, now }) => [need(ACTION, key, region, trailingDays(use, now))],
  async run(_input, { key }, { now }, powers): Promise<void> {
    requireState('DisableKey', key)
    await changeKey(powers, { ...key.record, enabled: false }, now)
  },
  record: (input, found) => recordOf(input, [found?.key ?? null]),
})
