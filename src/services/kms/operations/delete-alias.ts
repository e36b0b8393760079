import { z } from 'zod'
import { aliasArn } from '../../../domain/arn.ts'
import { writeOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { errors } from '../errors.ts'
import { findAlias } from '../keys/find-alias.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:DeleteAlias'

/** Takes a name from a key, whatever the key's state is. The key stays. */
export const DeleteAlias = writeOperation({
  name: 'DeleteAlias',
  errors: [errors.InvalidAliasNameException, errors.NotAuthorizedException, errors.NotFoundException],
  input: z.object({ AliasName: shape.aliasName }),
  load: ({ AliasName }, call, reads) => findAlias(AliasName, call, reads),
  requires: ({ AliasName }, { key }, { region, caller }) => [
    need(ACTION, aliasArn(region, caller.account, AliasName), region),
    need(ACTION, key, region),
  ],
  async run({ AliasName }, _found, { caller }, { writes }): Promise<void> {
    await writes.deleteAlias(caller.account, AliasName)
  },
  record: (input, found) => recordOf(input, [found?.key ?? null]),
})
