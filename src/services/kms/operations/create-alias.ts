import { z } from 'zod'
import { aliasArn } from '../../../domain/arn.ts'
import { ALIASES_PER_KEY } from '../../../domain/limits.ts'
import { writeOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { requireNewAliasName } from '../keys/alias-name.ts'
import { errors } from '../errors.ts'
import { findAliasTarget } from '../keys/find-key.ts'
import { recordOf } from '../record.ts'
import { requireState } from '../requirements.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:CreateAlias'

/** Gives a key a name, in this Region only. */
export const CreateAlias = writeOperation({
  name: 'CreateAlias',
  errors: [
    errors.AlreadyExistsException,
    errors.InvalidAliasNameException,
    errors.InvalidArnException,
    errors.KMSInvalidStateException,
    errors.LimitExceededException,
    errors.NotAuthorizedException,
    errors.NotFoundException,
  ],
  input: z.object({ AliasName: shape.aliasName, TargetKeyId: shape.keyId }),
  load({ AliasName, TargetKeyId }, call, reads) {
    requireNewAliasName(AliasName)
    return findAliasTarget(TargetKeyId, ACTION, call, reads)
  },
  requires: ({ AliasName }, key, { region, caller }) => [
    need(ACTION, aliasArn(region, caller.account, AliasName), region),
    need(ACTION, key, region),
  ],
  async run({ AliasName }, key, { caller, region, now }, { writes }): Promise<void> {
    requireState('CreateAlias', key)
    if ((await writes.alias(caller.account, AliasName)) !== null) {
      const name = aliasArn(region, caller.account, AliasName)
      throw errors.AlreadyExistsException(`An alias with the name ${name} already exists`)
    }
    if ((await writes.countAliases(caller.account, key.record.id)) >= ALIASES_PER_KEY) {
      throw errors.LimitExceededException(`${key.arn} has ${ALIASES_PER_KEY} aliases already.`)
    }
    const alias = { account: caller.account, name: AliasName, targetKeyId: key.record.id }
    await writes.putAlias({ ...alias, createdAt: now, updatedAt: now })
  },
  record: (input, key) => recordOf(input, [key]),
})
