import { z } from 'zod'
import { readOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { wireTags } from '../keys/accept-tags.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../keys/find-key.ts'
import { paged } from '../page.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:ListResourceTags'
const find = findKeyToManage(ACTION)

/** Lists a key's tags, in the order in which they came. */
export const ListResourceTags = readOperation({
  name: 'ListResourceTags',
  errors: [errors.InvalidArnException, errors.InvalidMarkerException, errors.NotFoundException],
  input: z.object({ KeyId: shape.keyId, Limit: shape.limit(50).default(50), Marker: shape.marker.optional() }),
  load: ({ KeyId }, call, reads) => find(KeyId, call, reads),
  requires: (_input, key, { region }) => [need(ACTION, key, region)],
  run({ Limit, Marker }, { record }, call, powers) {
    const page = paged('ListResourceTags', call, powers)
    const after = page.after(Marker)
    const start = after === null ? 0 : record.tags.findIndex((tag) => tag.key === after) + 1
    const { items, ...more } = page.cut(record.tags.slice(start), Limit, (tag) => tag.key)
    return { Tags: wireTags(items), ...more }
  },
  record: (input, key) => recordOf(input, [key]),
})
