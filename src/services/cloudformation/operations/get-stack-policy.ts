import { z } from 'zod'
import { readOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { existing, findStack, needOn } from '../find-stack.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

/** Gives the policy of a stack, if it has one. */
export const GetStackPolicy = readOperation({
  name: 'GetStackPolicy',
  errors: [errors.ValidationError],
  input: z.object({ StackName: shape.stackName }),
  load: ({ StackName }, call, { listing }) => findStack(StackName, call, listing),
  requires: (_given, found, call) => [needOn('GetStackPolicy', found, call)],
  run: (_given, found) => ({ StackPolicyBody: existing(found).policy ?? undefined }),
  record: (input) => recordOf(input),
})
