import { z } from 'zod'
import { stackArn } from '../../../domain/stack.ts'
import { writeOperation } from '../../../kernel/operation.ts'
import { begin, isRepeated, needPassRole, newOperation, workerOf } from '../begin.ts'
import { conditionsOf } from '../draft.ts'
import { errors } from '../errors.ts'
import { findStack, living, needOn } from '../find-stack.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

/** Goes on to undo an update that could not be undone. */
export const ContinueUpdateRollback = writeOperation({
  name: 'ContinueUpdateRollback',
  errors: [errors.TokenAlreadyExistsException, errors.ValidationError],
  input: z.object({
    StackName: shape.stackName,
    RoleARN: shape.roleArn.optional(),
    ResourcesToSkip: shape.list(shape.logicalId, 500).default([]),
    ClientRequestToken: shape.token.optional(),
  }),
  load: ({ StackName }, call, { listing }) => findStack(StackName, call, listing),
  requires: (given, found, call) => [
    needOn('ContinueUpdateRollback', found, call, conditionsOf({ RoleARN: given.RoleARN })),
    ...needPassRole(given.RoleARN),
  ],
  async run(given, found, call, { writes, reads }) {
    const stack = living(found)
    if (isRepeated(stack, 'ContinueUpdateRollback', given.ClientRequestToken)) return {}
    if (stack.status !== 'UPDATE_ROLLBACK_FAILED') {
      throw errors.ValidationError(
        `Stack:${stackArn(stack)} is in ${stack.status} state and can not continue its update rollback.`,
      )
    }
    for (const logicalId of given.ResourcesToSkip) {
      const row = await writes.stackPart(stack.id, 'resource', logicalId)
      if (row?.status === 'UPDATE_FAILED') continue
      throw errors.ValidationError(
        `The resource ${logicalId} cannot be skipped: only resources that failed to be put back can be. They are in UPDATE_FAILED.`,
      )
    }
    const origin = await workerOf(given.RoleARN ?? stack.blueprint.roleArn, call, reads)
    const wish = { token: given.ClientRequestToken, skip: given.ResourcesToSkip }
    const asked = {
      ...stack,
      lastRequest: { action: 'ContinueUpdateRollback', token: given.ClientRequestToken ?? null },
    }
    await begin(
      writes,
      asked,
      'UPDATE_ROLLBACK_IN_PROGRESS',
      newOperation('ROLLBACK', origin, wish, call.now),
      call.now,
    )
    return {}
  },
  record: (input) => recordOf(input),
})
