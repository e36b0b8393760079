import { z } from 'zod'
import { stackArn } from '../../../domain/stack.ts'
import { writeOperation } from '../../../kernel/operation.ts'
import { begin, isRepeated, needPassRole, newOperation, workerOf } from '../begin.ts'
import { conditionsOf } from '../draft.ts'
import { errors } from '../errors.ts'
import { findStack, living, needOn } from '../find-stack.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

/** Undoes what has failed and was left as it was. */
export const RollbackStack = writeOperation({
  name: 'RollbackStack',
  errors: [errors.TokenAlreadyExistsException, errors.ValidationError],
  input: z.object({
    StackName: shape.stackName,
    RoleARN: shape.roleArn.optional(),
    RetainExceptOnCreate: shape.flag.default(false),
    ClientRequestToken: shape.token.optional(),
  }),
  load: ({ StackName }, call, { listing }) => findStack(StackName, call, listing),
  requires: (given, found, call) => [
    needOn('RollbackStack', found, call, conditionsOf({ RoleARN: given.RoleARN })),
    ...needPassRole(given.RoleARN),
  ],
  async run(given, found, call, { writes, reads }) {
    const stack = living(found)
    if (isRepeated(stack, 'RollbackStack', given.ClientRequestToken)) return { StackId: stackArn(stack) }
    if (stack.status !== 'CREATE_FAILED' && stack.status !== 'UPDATE_FAILED') {
      throw errors.ValidationError(`Stack:${stackArn(stack)} is in ${stack.status} state and can not be rolled back.`)
    }
    const origin = await workerOf(given.RoleARN ?? stack.blueprint.roleArn, call, reads)
    const wish = { token: given.ClientRequestToken, retainExceptOnCreate: given.RetainExceptOnCreate }
    const asked = { ...stack, lastRequest: { action: 'RollbackStack', token: given.ClientRequestToken ?? null } }
    const status = stack.stable === null ? 'ROLLBACK_IN_PROGRESS' : 'UPDATE_ROLLBACK_IN_PROGRESS'
    await begin(writes, asked, status, newOperation('ROLLBACK', origin, wish, call.now), call.now)
    return { StackId: stackArn(stack) }
  },
  record: (input, _found, output) => recordOf(input, output),
})
