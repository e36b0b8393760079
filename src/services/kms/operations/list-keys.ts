import { z } from 'zod'
import { keyArn } from '../../../domain/arn.ts'
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
    const { account } = call.caller
    const ids = await powers.reads.listing.keyIds(account, { after, limit: Limit + 1 })
    const { items, ...more } = page.cut(ids, Limit, (id) => id)
    return { Keys: items.map((id) => ({ KeyId: id, KeyArn: keyArn(call.region, account, id) })), ...more }
  },
  record: (input) => recordOf(input, []),
})
