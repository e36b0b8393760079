import { z } from 'zod'
import { parseArn } from '../../../domain/arn.ts'
import { isServicePrincipal } from '../../../domain/grant-principal.ts'
import { common } from '../../../kernel/errors.ts'
import { readOperation, type Reads } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import type { Call } from '../../../kernel/call.ts'
import { errors } from '../errors.ts'
import { grantEntry } from '../grants/grant-entry.ts'
import { findGrantPrincipal, isUniqueId } from '../grants/grant-principal.ts'
import { paged } from '../page.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:ListRetirableGrants'

/** Lists the grants of this Region, on keys of any account, that name a principal of the caller's as retiring. */
export const ListRetirableGrants = readOperation({
  name: 'ListRetirableGrants',
  errors: [errors.InvalidArnException, errors.InvalidMarkerException, errors.NotFoundException],
  input: z.object({
    RetiringPrincipal: shape.principalId,
    Limit: shape.limit(100).default(50),
    Marker: shape.marker.optional(),
  }),
  load: () => null,
  requires: (_input, _found, { region }) => [need(ACTION, '*', region)],
  async run({ RetiringPrincipal, Limit, Marker }, _found, call, powers) {
    const { reads } = powers
    const page = paged('ListRetirableGrants', call, powers)
    const after = page.after(Marker)
    await requireOwn(RetiringPrincipal, call, reads)
    const { id } = await findGrantPrincipal(RetiringPrincipal, 'RetiringPrincipal', reads)
    const found = await reads.listing.retirableGrants(id, { after, limit: Limit + 1 })
    const { items, ...more } = page.cut(found, Limit, (grant) => grant.id)
    return { Grants: await Promise.all(items.map((grant) => grantEntry(grant, call.region, reads))), ...more }
  },
  record: (input) => recordOf(input, []),
})

/** Refuses the principals of other accounts, before it is looked whether they exist. */
async function requireOwn(
  principal: string,
  { caller }: Call,
  reads: Pick<Reads, 'accountOfPrincipal'>,
): Promise<void> {
  if (isUniqueId(principal)) {
    if ((await reads.accountOfPrincipal(principal)) === caller.account) return
    throw errors.NotFoundException(`Retiring principal ${principal} could not be found`)
  }
  const arn = parseArn(principal)
  if (arn === null ? !isServicePrincipal(principal) : arn.account === caller.account) return
  throw common.AccessDeniedException(
    `User: ${caller.arn} is not authorized to perform: ${ACTION} on resource: ${principal} because no ` +
      `resource-based policy allows the ${ACTION} action`,
  )
}
