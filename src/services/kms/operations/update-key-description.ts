import { z } from 'zod'
import { writeOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { changeKey } from '../keys/change-key.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../keys/find-key.ts'
import { recordOf } from '../record.ts'
import { requireState } from '../requirements.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:UpdateKeyDescription'
const find = findKeyToManage(ACTION)

/** Changes a key's description, in this Region only. */
export const UpdateKeyDescription = writeOperation({
  name: 'UpdateKeyDescription',
  errors: [errors.InvalidArnException, errors.KMSInvalidStateException, errors.NotFoundException],
  input: z.object({ KeyId: shape.keyId, Description: shape.description }),
  load: ({ KeyId }, call, reads) => find(KeyId, call, reads),
  requires: (_input, key, { region }) => [need(ACTION, key, region)],
  async run({ Description }, key, { now }, powers): Promise<void> {
    requireState('UpdateKeyDescription', key)
    await changeKey(powers, { ...key.record, description: Description }, now)
  },
  record: (input, key) => recordOf(input, [key]),
})
