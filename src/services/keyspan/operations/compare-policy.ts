import { z } from 'zod'
import { KEY_POLICY_BYTES } from '../../../domain/limits.ts'
import { need } from '../../../kernel/access/need.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { integer } from '../../../kernel/parse.ts'
import type { AccessQuestions, DifferencesAnswer, RecordedAnswer } from '../access-questions.ts'
import { errors } from '../errors.ts'
import * as shape from '../shapes.ts'

const MOST_DAYS = 90
const place = z.object({ account: z.string(), place: shape.subjectPlace.nullable() })

/**
 * Says what a policy would change before a key of the account has it: who gains, who loses, for a page of principals; and
 * with the first page, which recorded calls it would have refused. As `keyspan policy diff`.
 */
export const comparePolicy = ({ differences, recorded }: Pick<AccessQuestions, 'differences' | 'recorded'>) =>
  globalReadOperation({
    name: 'ComparePolicy',
    errors: Object.values(errors),
    input: z.object({
      KeyId: shape.keyId,
      Policy: z.string().min(1).max(KEY_POLICY_BYTES),
      Days: integer(1, MOST_DAYS).default(7),
      NextToken: shape.token,
    }),
    load: () => null,
    requires: ({ KeyId }, _found, call) => [need('keyspan:ComparePolicy', shape.arnOf(KeyId, call), call.region)],
    async run({ KeyId, Policy, Days, NextToken }, _found, call) {
      const { account } = call.caller
      const proposed = { key: shape.arnOf(KeyId, call), text: Policy }
      const after = shape.placeOf(NextToken, place)
      const { rows, next } = await differences(account, proposed, after)
      const calls = after === null ? await recorded(account, proposed, Days) : null
      return {
        Differences: rows.map(differenceOf),
        ...(calls !== null && { RecordedCalls: recordedOf(calls) }),
        ...shape.tokenOf(next),
      }
    },
    record: ({ KeyId, Days }, _found, _output, call) => ({
      requestParameters: { keyId: KeyId, days: Days },
      resources: [shape.arnOf(KeyId, call)],
    }),
  })

function differenceOf({ principal, action, change, before, after }: DifferencesAnswer['rows'][number]) {
  return {
    Principal: principal,
    Action: action,
    Change: change,
    Before: { When: before.when, Condition: before.condition },
    After: { When: after.when, Condition: after.condition },
  }
}

function recordedOf({ calls, unclear, refused }: RecordedAnswer) {
  return {
    Calls: calls,
    Unclear: unclear,
    Refused: refused.map((each) => ({
      Principal: each.principal,
      Action: each.action,
      EncryptionContext: each.encryptionContext,
      Calls: each.calls,
      Last: new Date(each.last),
    })),
  }
}
