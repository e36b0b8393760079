import { z } from 'zod'
import { readOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { needAnywhere } from '../find-stack.ts'
import { paged } from '../page.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { stackSummary } from '../views.ts'

const PER_PAGE = 100

/** Lists stacks, those also that were deleted within the last 90 days. */
export const ListStacks = readOperation({
  name: 'ListStacks',
  errors: [errors.ValidationError],
  input: z.object({
    NextToken: shape.nextToken.optional(),
    StackStatusFilter: shape.list(z.string(), 25).default([]),
  }),
  load: () => null,
  requires: (_given, _found, call) => [needAnywhere('ListStacks', call)],
  async run({ NextToken, StackStatusFilter }, _found, call, powers) {
    const pages = paged('ListStacks', call, powers)
    const page = { after: pages.after(NextToken), limit: PER_PAGE + 1 }
    const stacks = await powers.reads.listing.stacks(call.caller.account, true, page)
    const { items, ...more } = pages.cut(stacks, PER_PAGE, ({ id }) => id)
    const wanted = items.filter(({ status }) => StackStatusFilter.length === 0 || StackStatusFilter.includes(status))
    return { StackSummaries: wanted.map(stackSummary), ...more }
  },
  record: (input) => recordOf(input),
})
