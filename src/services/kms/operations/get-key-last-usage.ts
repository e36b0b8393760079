import { z } from 'zod'
import { readOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../keys/find-key.ts'
import { lastUsageOf } from '../keys/last-usage.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:GetKeyLastUsage'
const find = findKeyToManage(ACTION)

/** Tells the last successful cryptographic operation with a key in this Region, and since when that is known. */
export const GetKeyLastUsage = readOperation({
  name: 'GetKeyLastUsage',
  errors: [errors.InvalidArnException, errors.NotFoundException],
  input: z.object({ KeyId: shape.keyId }),
  load: ({ KeyId }, call, reads) => find(KeyId, call, reads),
  requires: (_input, key, { region }) => [need(ACTION, key, region)],
  async run(_input, { record }, _call, { reads: { uses } }) {
    const { id, createdAt } = record
    const use = await lastUsageOf(record, uses)
    return {
      KeyId: id,
      KeyLastUsage:
        use === null
          ? {}
          : {
              Operation: use.operation,
              Timestamp: new Date(use.at),
              CloudTrailEventId: use.eventId,
              KmsRequestId: use.requestId,
            },
      TrackingStartDate: new Date(Math.max(uses.since, createdAt)),
      KeyCreationDate: new Date(createdAt),
    }
  },
  record: (input, key) => recordOf(input, [key]),
})
