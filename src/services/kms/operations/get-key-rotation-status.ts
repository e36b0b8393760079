import { z } from 'zod'
import { stagedMaterial } from '../../../domain/key.ts'
import { readOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../keys/find-key.ts'
import { recordOf } from '../record.ts'
import { requireState } from '../requirements.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:GetKeyRotationStatus'
const find = findKeyToManage(ACTION)

/** Tells whether and when a key rotates by itself, and whether an on-demand rotation is under way. */
export const GetKeyRotationStatus = readOperation({
  name: 'GetKeyRotationStatus',
  errors: [
    errors.InvalidArnException,
    errors.KMSInvalidStateException,
    errors.NotFoundException,
    errors.UnsupportedOperationException,
  ],
  input: z.object({ KeyId: shape.keyId }),
  load: ({ KeyId }, call, reads) => find(KeyId, call, reads),
  requires: (_input, key, { region }) => [need(ACTION, key, region)],
  run(_input, key) {
    requireState('GetKeyRotationStatus', key)
    const { arn, record } = key
    const requested = stagedMaterial(record)?.requested
    // A key whose deletion has a date does not rotate; the schedule is there again when the deletion is cancelled.
    const schedule = record.deletion === null || record.deletion.at === null ? record.rotation : null
    return {
      KeyId: arn,
      KeyRotationEnabled: schedule !== null,
      ...(schedule !== null && {
        RotationPeriodInDays: schedule.periodDays,
        NextRotationDate: new Date(schedule.nextAt),
      }),
      OnDemandRotationStartDate: requested?.type === 'ON_DEMAND' ? new Date(requested.at) : undefined,
    }
  },
  record: (input, key) => recordOf(input, [key]),
})
