import { z } from 'zod'
import { readOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { existing, findStack, needAnywhere, needOn } from '../find-stack.ts'
import { paged } from '../page.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { stackView } from '../views.ts'

const PER_PAGE = 100

/** Tells of a stack, or of all that are not deleted. */
export const DescribeStacks = readOperation({
  name: 'DescribeStacks',
  errors: [errors.ValidationError],
  input: z.object({ StackName: shape.stackName.optional(), NextToken: shape.nextToken.optional() }),
  load: ({ StackName }, call, { listing }) => (StackName === undefined ? null : findStack(StackName, call, listing)),
  requires: (_given, found, call) => [
    found === null ? needAnywhere('DescribeStacks', call) : needOn('DescribeStacks', found, call),
  ],
  async run({ NextToken }, found, call, powers) {
    if (found !== null) return { Stacks: [stackView(existing(found))] }
    const pages = paged('DescribeStacks', call, powers)
    const page = { after: pages.after(NextToken), limit: PER_PAGE + 1 }
    const stacks = await powers.reads.listing.stacks(call.caller.account, false, page)
    const { items, ...more } = pages.cut(stacks, PER_PAGE, ({ id }) => id)
    return { Stacks: items.map(stackView), ...more }
  },
  record: (input) => recordOf(input),
})
