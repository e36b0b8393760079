import { z } from 'zod'
import { writeOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { findStack, living, needOn } from '../find-stack.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { acceptStackPolicy } from '../stack-policy.ts'

/** Says what updates may change in a stack. */
export const SetStackPolicy = writeOperation({
  name: 'SetStackPolicy',
  errors: [errors.ValidationError],
  input: z.object({
    StackName: shape.stackName,
    StackPolicyBody: shape.stackPolicy.optional(),
    StackPolicyURL: shape.templateUrl.optional(),
  }),
  load: ({ StackName }, call, { listing }) => findStack(StackName, call, listing),
  requires: ({ StackPolicyURL }, found, call) => [
    needOn('SetStackPolicy', found, call, {
      ...(StackPolicyURL !== undefined && { 'cloudformation:StackPolicyUrl': StackPolicyURL }),
    }),
  ],
  async run(given, found, _call, { writes }): Promise<void> {
    const stack = living(found)
    const policy = acceptStackPolicy(given)
    if (policy === null) throw errors.ValidationError('StackPolicyBody is missing: give the policy as JSON.')
    await writes.putStack({ ...stack, policy })
  },
  record: (input) => recordOf(input),
})
