import { z } from 'zod'
import { asParameters } from '../../../kernel/audit.ts'
import { need } from '../../../kernel/access/need.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import type { AccessQuestions, KeyFamilyAnswer } from '../access-questions.ts'
import { errors } from '../errors.ts'
import * as shape from '../shapes.ts'

/**
 * Says of a key of the account what it is in each of its Regions, what is on its way between them, what waits for whom
 * since when, and in which order its parts are deleted: as `keyspan mrk show`.
 */
export const describeFamily = (questions: Pick<AccessQuestions, 'family'>) =>
  globalReadOperation({
    name: 'DescribeFamily',
    errors: Object.values(errors),
    input: z.object({
      KeyId: shape.keyId,
      // They cost more than all else: they are asked for when somebody looks at them.
      WithPolicyDifferences: z.boolean().default(false),
    }),
    load: () => null,
    requires: ({ KeyId }, _found, call) => [need('keyspan:DescribeFamily', shape.arnOf(KeyId, call), call.region)],
    async run({ KeyId, WithPolicyDifferences }, _found, call) {
      const key = shape.arnOf(KeyId, call)
      return answerOf(await questions.family(call.caller.account, key, WithPolicyDifferences))
    },
    record: (input, _found, _output, call) => ({
      requestParameters: asParameters(input),
      resources: [shape.arnOf(input.KeyId, call)],
    }),
  })

function answerOf({ regions, properties, members, unheard, waits, deletion, troubles, drifts }: KeyFamilyAnswer) {
  return {
    Members: members.map(({ region, role, state }) => ({ Region: region, Role: role, State: state })),
    Regions: regions,
    Properties: properties.map(({ name, values, differs }) => ({ Name: name, Values: values, Differs: differs })),
    Unheard: unheard.map(({ from, to, messages, since, says, isConnected }) => ({
      From: from,
      To: to,
      Messages: messages,
      Since: new Date(since),
      Says: says,
      Connected: isConnected,
    })),
    Waits: waits.map(({ region, for: others, what, since, text }) => ({
      Region: region,
      For: others,
      What: what,
      Since: time(since),
      Text: text,
    })),
    Deletion: deletion.map(({ region, order, stage, since, at, notBefore, after, isMoving }) => ({
      Region: region,
      Order: order,
      Stage: stage,
      Since: time(since),
      DeletionDate: time(at),
      NotBefore: time(notBefore),
      After: after,
      PrimaryChanges: isMoving,
    })),
    Troubles: troubles,
    PolicyDifferences: drifts.map(({ from, to, lines }) => ({
      From: from,
      To: to,
      Lines: lines.map((line) => ({ In: line.in, Text: line.text })),
    })),
  }
}

function time(at: number | null): Date | undefined {
  return at === null ? undefined : new Date(at)
}
