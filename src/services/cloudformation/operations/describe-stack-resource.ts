import { z } from 'zod'
import { readOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { existing, findStack, needOn } from '../find-stack.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { resourceDetail } from '../views.ts'

/** Tells of a resource of a stack. */
export const DescribeStackResource = readOperation({
  name: 'DescribeStackResource',
  errors: [errors.ValidationError],
  input: z.object({ StackName: shape.stackName, LogicalResourceId: shape.logicalId }),
  load: ({ StackName }, call, { listing }) => findStack(StackName, call, listing),
  requires: (_given, found, call) => [needOn('DescribeStackResource', found, call)],
  async run({ LogicalResourceId }, found, _call, { reads }) {
    const stack = existing(found)
    const row = await reads.listing.stackPart(stack.id, 'resource', LogicalResourceId)
    if (row === null) {
      throw errors.ValidationError(`Resource ${LogicalResourceId} does not exist for stack ${found.named}`)
    }
    return { StackResourceDetail: resourceDetail(stack, row) }
  },
  record: (input) => recordOf(input),
})
