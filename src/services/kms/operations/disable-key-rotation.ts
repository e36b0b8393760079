import { z } from 'zod'
import { writeOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { changeSchedule } from '../keys/change-schedule.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../keys/find-key.ts'
import { recordOf } from '../record.ts'
import { requireRotatable } from '../keys/rotation.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:DisableKeyRotation'
const find = findKeyToManage(ACTION)

/** Ends the automatic rotation of a key and of all that are related to it. */
export const DisableKeyRotation = writeOperation({
  name: 'DisableKeyRotation',
  errors: [
    errors.DisabledException,
    errors.InvalidArnException,
    errors.KMSInvalidStateException,
    errors.NotFoundException,
    errors.UnsupportedOperationException,
  ],
  input: z.object({ KeyId: shape.keyId }),
  load: ({ KeyId }, call, reads) => find(KeyId, call, reads),
  requires: (_input, key, { region }) => [need(ACTION, key, region)],
  async run(_input, key, { now }, powers): Promise<void> {
    if (requireRotatable('DisableKeyRotation', key)) await changeSchedule(powers, key.record, null, now)
  },
  record: (input, key) => recordOf(input, [key]),
})
