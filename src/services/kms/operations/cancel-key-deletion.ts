import { z } from 'zod'
import { writeOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { changeKey } from '../keys/change-key.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../keys/find-key.ts'
import { recordOf } from '../record.ts'
import { requireState } from '../requirements.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:CancelKeyDeletion'
const find = findKeyToManage(ACTION)

/** Takes a key's scheduled deletion back. It stays disabled until it is enabled. */
export const CancelKeyDeletion = writeOperation({
  name: 'CancelKeyDeletion',
  errors: [errors.InvalidArnException, errors.KMSInvalidStateException, errors.NotFoundException],
  input: z.object({ KeyId: shape.keyId }),
  load: ({ KeyId }, call, reads) => find(KeyId, call, reads),
  requires: (_input, key, { region }) => [need(ACTION, key, region)],
  async run(_input, key, { now }, powers) {
    requireState('CancelKeyDeletion', key)
    await changeKey(powers, { ...key.record, deletion: null, enabled: false }, now)
    return { KeyId: key.arn }
  },
  record: (input, key, answer) => recordOf(input, [key], answer),
})
