import { z } from 'zod'
import { writeOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { NOT_FOR_AWS_RESOURCE } from '../condition-keys.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../keys/find-key.ts'
import { noSuchGrant, requireGrantId } from '../grants/grant-id.ts'
import { recordOf } from '../record.ts'
import { endDryRun, requireState } from '../requirements.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:RevokeGrant'
const find = findKeyToManage(ACTION)

/** Takes a grant away, at once. Unlike retiring it is for whoever manages the key. */
export const RevokeGrant = writeOperation({
  name: 'RevokeGrant',
  errors: [
    errors.DryRunOperationException,
    errors.InvalidArnException,
    errors.InvalidGrantIdException,
    errors.NotFoundException,
  ],
  input: z.object({ KeyId: shape.keyId, GrantId: shape.grantId, DryRun: z.boolean().optional() }),
  load: ({ KeyId }, call, reads) => find(KeyId, call, reads),
  requires: (_input, key, { region }) => [need(ACTION, key, region, NOT_FOR_AWS_RESOURCE)],
  async run({ GrantId, DryRun }, key, _call, { writes }): Promise<void> {
    requireGrantId(GrantId)
    requireState('RevokeGrant', key)
    const grant = await writes.grant(key.record.account, key.record.id, GrantId)
    if (grant === null) throw noSuchGrant(GrantId)
    endDryRun(DryRun)
    await writes.deleteGrant(grant)
  },
  record: (input, key) => recordOf(input, [key]),
})
