import { z } from 'zod'
import { asParameters } from '../../../kernel/audit.ts'
import { need } from '../../../kernel/access/need.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { integer } from '../../../kernel/parse.ts'
import type { AccessQuestions } from '../access-questions.ts'
import { errors } from '../errors.ts'
import * as shape from '../shapes.ts'

const MOST = 50

/**
 * Lists the newest refusals that an account may know of: of its own requests, and of what was asked of it. One is there a
 * quarter of a second after its answer. With `KeyId`, those of a key of the account.
 */
export const listRefusals = ({ refusals }: Pick<AccessQuestions, 'refusals'>) =>
  globalReadOperation({
    name: 'ListRefusals',
    errors: Object.values(errors),
    input: z.object({
      KeyId: shape.keyId.optional(),
      Caller: z.string().min(1).max(2048).optional(),
      Region: z.string().min(1).max(64).optional(),
      MaxResults: integer(1, MOST).default(MOST),
      NextToken: shape.token,
    }),
    load: () => null,
    requires: (_input, _found, { region }) => [need('keyspan:ListRefusals', '*', region)],
    async run({ KeyId, Caller = null, Region = null, MaxResults: limit, NextToken }, _found, { caller: { account } }) {
      const before = shape.placeOf(NextToken, z.string())
      const found = await refusals(account, { key: KeyId ?? null, caller: Caller, region: Region, before, limit })
      return {
        Refusals: found.map(({ id, at, operation, caller, region, resource, code }) => ({
          RequestId: id,
          Time: new Date(at),
          Operation: operation,
          Caller: caller,
          Region: region,
          Resource: resource,
          Code: code,
        })),
        ...shape.tokenOf(found.length < limit ? null : (found.at(-1)?.id ?? null)),
      }
    },
    record: (input) => ({ requestParameters: asParameters(input), resources: [] }),
  })
