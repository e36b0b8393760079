import { z } from 'zod'
import { writeOperation } from '../../../kernel/operation.ts'
import { isRepeated } from '../begin.ts'
import { errors } from '../errors.ts'
import { findStack, living, needOn } from '../find-stack.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

/** Lets an update that is under way be undone. */
export const CancelUpdateStack = writeOperation({
  name: 'CancelUpdateStack',
  errors: [errors.TokenAlreadyExistsException, errors.ValidationError],
  input: z.object({ StackName: shape.stackName, ClientRequestToken: shape.token.optional() }),
  load: ({ StackName }, call, { listing }) => findStack(StackName, call, listing),
  requires: (_given, found, call) => [needOn('CancelUpdateStack', found, call)],
  async run({ ClientRequestToken }, found, _call, { writes }): Promise<void> {
    const stack = living(found)
    if (isRepeated(stack, 'CancelUpdateStack', ClientRequestToken)) return
    if (stack.status !== 'UPDATE_IN_PROGRESS' || stack.operation === null) {
      throw errors.ValidationError('CancelUpdateStack cannot be called from current stack status')
    }
    await writes.putStack({
      ...stack,
      operation: { ...stack.operation, isCancelled: true },
      lastRequest: { action: 'CancelUpdateStack', token: ClientRequestToken ?? stack.lastRequest.token },
    })
  },
  record: (input) => recordOf(input),
})
