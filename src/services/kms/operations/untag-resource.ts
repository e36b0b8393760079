import { z } from 'zod'
import { removeTags } from '../../../domain/tags.ts'
import { writeOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { requireOwnTags } from '../keys/accept-tags.ts'
import { changeKey } from '../keys/change-key.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../keys/find-key.ts'
import { recordOf } from '../record.ts'
import { requireState } from '../requirements.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:UntagResource'
const find = findKeyToManage(ACTION)

/** Takes tags from a key, in this Region only. A tag that is not there is no error. */
export const UntagResource = writeOperation({
  name: 'UntagResource',
  errors: [errors.InvalidArnException, errors.KMSInvalidStateException, errors.NotFoundException, errors.TagException],
  input: z.object({ KeyId: shape.keyId, TagKeys: shape.tagKeys }),
  load: ({ KeyId }, call, reads) => find(KeyId, call, reads),
  requires: ({ TagKeys }, key, { region }) => [need(ACTION, key, region, { 'aws:TagKeys': TagKeys })],
  async run({ TagKeys }, key, { now }, powers): Promise<void> {
    requireOwnTags(TagKeys)
    requireState('UntagResource', key)
    await changeKey(powers, { ...key.record, tags: removeTags(key.record.tags, TagKeys) }, now)
  },
  record: (input, key) => recordOf(input, [key]),
})
