import { z } from 'zod'
import { arnOf } from '../../../domain/key.ts'
import { readOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { errors } from '../errors.ts'
import { paged } from '../page.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

/** Lists the keys of the caller's account in this Region. */
export const ListKeys = readOperation({
  name: 'ListKeys',
  errors: [errors.InvalidMarkerException],
  input: z.object({ Limit: shape.limit(1000).default(100), Marker: shape.marker.optional() }),
  load: () => null,
  requires: (_input, _found, { region }) => [need('kms:ListKeys', '*', region)],
  async run({ Limit, Marker }, _found, call, powers) {
    const page = paged('ListKeys', call, powers)
    const after = page.after(Marker)
    const keys = await powers.reads.listing.keys(call.caller.account, { after, limit: Limit + 1 })
    const { items, ...more } = page.cut(keys, Limit, (key) => key.id)
    return { Keys: items.map((key) => ({ KeyId: key.id, KeyArn: arnOf(key) })), ...more }
  },
  record: (input) => recordOf(input, []),
})
