import { z } from 'zod'
import { readOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { NOT_FOR_AWS_RESOURCE } from '../condition-keys.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../keys/find-key.ts'
import { grantEntry } from '../grants/grant-entry.ts'
import { requireGrantId } from '../grants/grant-id.ts'
import { findGrantPrincipal } from '../grants/grant-principal.ts'
import { paged } from '../page.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:ListGrants'
const find = findKeyToManage(ACTION)

/** Lists a key's grants in this Region: all, one, or those to one principal. */
export const ListGrants = readOperation({
  name: 'ListGrants',
  errors: [
    errors.InvalidArnException,
    errors.InvalidGrantIdException,
    errors.InvalidMarkerException,
    errors.NotFoundException,
  ],
  input: z.object({
    KeyId: shape.keyId,
    GrantId: shape.grantId.optional(),
    GranteePrincipal: shape.principalId.optional(),
    Limit: shape.limit(100).default(50),
    Marker: shape.marker.optional(),
  }),
  load: ({ KeyId }, call, reads) => find(KeyId, call, reads),
  requires: (_input, key, { region }) => [need(ACTION, key, region, NOT_FOR_AWS_RESOURCE)],
  async run({ GrantId, GranteePrincipal, Limit, Marker }, { record }, call, powers) {
    const { reads } = powers
    const page = paged('ListGrants', call, powers)
    const after = page.after(Marker)
    if (GrantId !== undefined) requireGrantId(GrantId)
    const grantee =
      GranteePrincipal === undefined ? null : await findGrantPrincipal(GranteePrincipal, 'GranteePrincipal', reads)
    const filter = { id: GrantId ?? null, grantee: grantee?.id ?? null }
    const found = await reads.listing.grants(record.account, record.id, filter, { after, limit: Limit + 1 })
    const { items, ...more } = page.cut(found, Limit, (grant) => grant.id)
    return { Grants: await Promise.all(items.map((grant) => grantEntry(grant, call.region, reads))), ...more }
  },
  record: (input, key) => recordOf(input, [key]),
})
