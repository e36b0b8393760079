import { z } from 'zod'
import type { Grant } from '../../../domain/grant.ts'
import { denyForeign } from '../../../kernel/access/denial.ts'
import { common } from '../../../kernel/errors.ts'
import type { KeySnapshot } from '../../../kernel/keys/snapshot.ts'
import { writeOperation, type Reads } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import type { Call } from '../../../kernel/call.ts'
import { grantConstraints } from '../condition-keys.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../keys/find-key.ts'
import { noSuchGrant, requireGrantId } from '../grants/grant-id.ts'
import { findGrantByToken } from '../grants/grant-tokens.ts'
import { recordOf } from '../record.ts'
import { endDryRun, requireState } from '../requirements.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:RetireGrant'
const find = findKeyToManage(ACTION)

const input = z.object({
  GrantToken: shape.grantToken.optional(),
  KeyId: shape.keyId.optional(),
  GrantId: shape.grantId.optional(),
  DryRun: z.boolean().optional(),
})
type Input = z.infer<typeof input>

/**
 * Ends a grant that is no longer needed, at once.
 *
 * Its retiring principal may, its grantee where it permits RetireGrant, and the accounts of the key and of whoever
 * created it. What a key policy says of this does not count.
 */
export const RetireGrant = writeOperation({
  name: 'RetireGrant',
  errors: [
    errors.DryRunOperationException,
    errors.InvalidArnException,
    errors.InvalidGrantIdException,
    errors.InvalidGrantTokenException,
    errors.NotFoundException,
  ],
  input,
  load: (given, call, reads) => findGrant(given, call, reads),
  requires: (_input, { key, grant }, { region }) => [
    { ...need(ACTION, key, region, grantConstraints(grant.constraints)), retires: grant },
  ],
  async run({ DryRun }, { key, grant }, _call, { writes }): Promise<void> {
    requireState('RetireGrant', key)
    endDryRun(DryRun)
    await writes.deleteGrant(grant)
  },
  // A token says nothing to a reader: the record names what it stands for.
  record: (_given, found) => ({
    ...recordOf({}, [found?.key ?? null]),
    requestParameters: null,
    ...(found !== null && { additionalEventData: { grantId: found.grant.id } }),
  }),
})

async function findGrant(given: Input, call: Call, reads: Reads): Promise<{ key: KeySnapshot; grant: Grant }> {
  const { GrantToken, KeyId, GrantId } = given
  if (GrantToken !== undefined) {
    if (KeyId !== undefined || GrantId !== undefined) throw namedWrongly()
    const grant = await findGrantByToken(GrantToken, reads)
    const key = await reads.key(grant.account, grant.keyId)
    if (key === null) throw new Error(`INVARIANT: the grants of ${grant.keyId} were deleted with it`)
    return { key, grant }
  }
  if (KeyId === undefined || GrantId === undefined) throw namedWrongly()
  requireGrantId(GrantId)
  const key = await find(KeyId, call, reads)
  const grant = await reads.listing.grant(key.record.account, key.record.id, GrantId)
  if (grant !== null) return { key, grant }
  // Another account does not learn which grants a key has.
  const owner = key.record.account
  throw owner === call.caller.account
    ? noSuchGrant(GrantId)
    : denyForeign({ action: ACTION }, call, {
        why: `The key ${key.arn} has no grant ${GrantId}.`,
        remedy: 'It was retired or revoked, is on a related key in another Region, or never was.',
        resource: key.arn,
        owner,
        toCaller: { action: ACTION, arn: KeyId, owner },
      })
}

function namedWrongly() {
  return common.ValidationException('Name the grant either by GrantToken, or by KeyId and GrantId.')
}
