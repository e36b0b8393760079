import { z } from 'zod'
import { stackArn } from '../../../domain/stack.ts'
import { writeOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { findStack, living, needOn } from '../find-stack.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

/** Says whether a stack can be deleted. */
export const UpdateTerminationProtection = writeOperation({
  name: 'UpdateTerminationProtection',
  errors: [errors.ValidationError],
  input: z.object({ StackName: shape.stackName, EnableTerminationProtection: shape.flag }),
  load: ({ StackName }, call, { listing }) => findStack(StackName, call, listing),
  requires: (_given, found, call) => [needOn('UpdateTerminationProtection', found, call)],
  async run({ EnableTerminationProtection }, found, _call, { writes }) {
    const stack = living(found)
    await writes.putStack({ ...stack, terminationProtection: EnableTerminationProtection })
    return { StackId: stackArn(stack) }
  },
  record: (input, _found, output) => recordOf(input, output),
})
