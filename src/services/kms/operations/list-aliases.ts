import { z } from 'zod'
import { aliasArn } from '../../../domain/arn.ts'
import { need, readOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../find-key.ts'
import { paged } from '../page.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:ListAliases'
const find = findKeyToManage(ACTION)

/** Lists the aliases of the caller's account in this Region, or those of one key. */
export const ListAliases = readOperation({
  name: 'ListAliases',
  errors: [errors.InvalidArnException, errors.InvalidMarkerException, errors.NotFoundException],
  input: z.object({
    KeyId: shape.keyId.optional(),
    Limit: shape.limit(100).default(50),
    Marker: shape.marker.optional(),
  }),
  load: ({ KeyId }, call, reads) => (KeyId === undefined ? null : find(KeyId, call, reads)),
  requires: (_input, _key, { region }) => [need(ACTION, '*', region)],
  async run({ Limit, Marker }, key, call, powers) {
    const { caller, region } = call
    const page = paged('ListAliases', call, powers)
    const after = page.after(Marker)
    const found = await powers.reads.listing.aliases(caller.account, key?.record.id ?? null, {
      after,
      limit: Limit + 1,
    })
    const { items, ...more } = page.cut(found, Limit, (alias) => alias.name)
    const Aliases = items.map((alias) => ({
      AliasName: alias.name,
      AliasArn: aliasArn(region, alias.account, alias.name),
      TargetKeyId: alias.targetKeyId,
      CreationDate: new Date(alias.createdAt),
      LastUpdatedDate: new Date(alias.updatedAt),
    }))
    return { Aliases, ...more }
  },
  record: (input, key) => recordOf(input, [key]),
})
