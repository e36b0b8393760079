import { z } from 'zod'
import { asParameters } from '../../../kernel/audit.ts'
import { need } from '../../../kernel/access/need.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import type { AccessQuestions } from '../access-questions.ts'
import { errors } from '../errors.ts'
import * as shape from '../shapes.ts'

/**
 * Says who may do what with a key of the account and the keys that are related to it, for a page of principals: as
 * `keyspan who-can`. Of other accounts it says how far the key lets them.
 */
export const whoCan = (questions: Pick<AccessQuestions, 'whoCan'>) =>
  globalReadOperation({
    name: 'WhoCan',
    errors: Object.values(errors),
    input: z.object({
      KeyId: shape.keyId,
      Actions: shape.names.default([]),
      Principals: shape.names.default([]),
      Regions: shape.names.default([]),
      Context: shape.conditionKeys.default({}),
      NextToken: shape.token,
    }),
    load: () => null,
    requires: ({ KeyId }, _found, call) => [need('keyspan:WhoCan', shape.arnOf(KeyId, call), call.region)],
    async run({ KeyId, Actions, Principals, Regions, Context, NextToken }, _found, call) {
      const { regions, actions, rows, next } = await questions.whoCan(call.caller.account, {
        key: shape.arnOf(KeyId, call),
        actions: Actions,
        principals: Principals,
        regions: Regions,
        context: Context,
        after: shape.placeOf(NextToken, shape.subjectPlace),
      })
      return {
        Regions: regions,
        Actions: actions,
        Rows: rows.map(({ principal, answers }) => ({
          Principal: principal,
          Answers: answers.map(({ action, region, access, when, condition }) => ({
            Action: action,
            Region: region,
            Access: access,
            When: when,
            Condition: condition,
          })),
        })),
        ...shape.tokenOf(next),
      }
    },
    record: (input, _found, _output, call) => ({
      requestParameters: asParameters(input),
      resources: [shape.arnOf(input.KeyId, call)],
    }),
  })
