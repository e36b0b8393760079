import { z } from 'zod'
import type { Alias } from '../../../domain/alias.ts'
import { aliasArn } from '../../../domain/arn.ts'
import { AWS_ALIASES } from '../../../domain/aws-service.ts'
import { readOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../keys/find-key.ts'
import { paged } from '../page.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:ListAliases'
const find = findKeyToManage(ACTION)

/** Lists the aliases of the caller's account in this Region, AWS's among them, or those of one key. */
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
    const limit = Limit + 1
    const found = await powers.reads.listing.aliases(caller.account, key?.record.id ?? null, { after, limit })
    const listed = key === null ? withAwsAliases(found, after, limit) : found
    const { items, ...more } = page.cut(listed, Limit, (alias) => alias.name)
    const Aliases = items.map(({ name, ...alias }) => ({
      AliasName: name,
      AliasArn: aliasArn(region, caller.account, name),
      ...('targetKeyId' in alias && {
        TargetKeyId: alias.targetKeyId,
        CreationDate: new Date(alias.createdAt),
        LastUpdatedDate: new Date(alias.updatedAt),
      }),
    }))
    return { Aliases, ...more }
  },
  record: (input, key) => recordOf(input, [key]),
})

/** Adds the aliases that AWS has set aside and that name no key yet to a part of the listing. */
function withAwsAliases(
  found: readonly Alias[],
  after: string | null,
  limit: number,
): readonly (Alias | Pick<Alias, 'name'>)[] {
  const names = new Set(found.map(({ name }) => name))
  const unbound = AWS_ALIASES.filter((name) => name > (after ?? '') && !names.has(name)).map((name) => ({ name }))
  return [...found, ...unbound].toSorted((a, b) => (a.name < b.name ? -1 : 1)).slice(0, limit)
}
