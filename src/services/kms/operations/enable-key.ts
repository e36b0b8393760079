import { z } from 'zod'
import { writeOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { changeKey } from '../keys/change-key.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../keys/find-key.ts'
import { recordOf } from '../record.ts'
import { requireState } from '../requirements.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:EnableKey'
const find = findKeyToManage(ACTION)

/** Lets a key be used again, in this Region only. */
export const EnableKey = writeOperation({
  name: 'EnableKey',
  errors: [errors.InvalidArnException, errors.KMSInvalidStateException, errors.NotFoundException],
  input: z.object({ KeyId: shape.keyId }),
  load: ({ KeyId }, call, reads) => find(KeyId, call, reads),
  requires: (_input, key, { region }) => [need(ACTION, key, region)],
  async run(_input, key, { now }, powers): Promise<void> {
    requireState('EnableKey', key)
    await changeKey(powers, { ...key.record, enabled: true }, now)
  },
  record: (input, key) => recordOf(input, [key]),
})
