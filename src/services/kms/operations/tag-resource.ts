import { z } from 'zod'
import { mergeTags } from '../../../domain/tags.ts'
import { writeOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { acceptTags, requireTagsFit } from '../keys/accept-tags.ts'
import { changeKey } from '../keys/change-key.ts'
import { requestTags } from '../condition-keys.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../keys/find-key.ts'
import { recordOf } from '../record.ts'
import { requireState } from '../requirements.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:TagResource'
const find = findKeyToManage(ACTION)

/** Adds tags to a key or changes their values, in this Region only. */
export const TagResource = writeOperation({
  name: 'TagResource',
  errors: [errors.InvalidArnException, errors.KMSInvalidStateException, errors.NotFoundException, errors.TagException],
  input: z.object({ KeyId: shape.keyId, Tags: shape.tags }),
  load: ({ KeyId }, call, reads) => find(KeyId, call, reads),
  requires: ({ Tags }, key, { region }) => [need(ACTION, key, region, requestTags(Tags))],
  async run({ Tags }, key, { now }, powers): Promise<void> {
    const added = acceptTags(Tags)
    requireState('TagResource', key)
    const tags = mergeTags(key.record.tags, added)
    requireTagsFit(tags)
    await changeKey(powers, { ...key.record, tags }, now)
  },
  record: (input, key) => recordOf(input, [key]),
})
