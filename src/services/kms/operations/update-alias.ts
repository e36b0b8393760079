import { z } from 'zod'
import { aliasArn } from '../../../domain/arn.ts'
import { ALIASES_PER_KEY } from '../../../domain/limits.ts'
import { common } from '../../../kernel/errors.ts'
import { writeOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { errors } from '../errors.ts'
import { findAlias } from '../keys/find-alias.ts'
import { findAliasTarget } from '../keys/find-key.ts'
import { recordOf } from '../record.ts'
import { requireState } from '../requirements.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:UpdateAlias'

/** Lets an alias name another key of the same kind. */
export const UpdateAlias = writeOperation({
  name: 'UpdateAlias',
  errors: [
    errors.InvalidAliasNameException,
    errors.InvalidArnException,
    errors.KMSInvalidStateException,
    errors.LimitExceededException,
    errors.NotAuthorizedException,
    errors.NotFoundException,
  ],
  input: z.object({ AliasName: shape.aliasName, TargetKeyId: shape.keyId }),
  async load({ AliasName, TargetKeyId }, call, reads) {
    const { alias, key } = await findAlias(AliasName, call, reads)
    return { alias, former: key, target: await findAliasTarget(TargetKeyId, ACTION, call, reads) }
  },
  requires: ({ AliasName }, { former, target }, { region, caller }) => [
    need(ACTION, aliasArn(region, caller.account, AliasName), region),
    need(ACTION, former, region),
    need(ACTION, target, region),
  ],
  async run(_input, { alias, former, target }, { now }, { writes }): Promise<void> {
    requireState('UpdateAlias', target)
    if (former.record.usage !== target.record.usage || former.record.spec !== target.record.spec) {
      throw common.ValidationException(
        `${alias.name} cannot go from a key for ${former.record.usage} to one for ${target.record.usage}: ` +
          'both must be of the same type and usage.',
      )
    }
    const isOther = former.record.id !== target.record.id
    if (isOther && (await writes.countAliases(alias.account, target.record.id)) >= ALIASES_PER_KEY) {
      throw errors.LimitExceededException(`${target.arn} has ${ALIASES_PER_KEY} aliases already.`)
    }
    await writes.putAlias({ ...alias, targetKeyId: target.record.id, updatedAt: now })
  },
  record: (input, found) => recordOf(input, [found?.former ?? null, found?.target ?? null]),
})
