import { z } from 'zod'
import { readOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { existing, findStack, needOn } from '../find-stack.ts'
import { paged } from '../page.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { resourceSummary } from '../views.ts'

const PER_PAGE = 100

/** Lists the resources of a stack. */
export const ListStackResources = readOperation({
  name: 'ListStackResources',
  errors: [errors.ValidationError],
  input: z.object({ StackName: shape.stackName, NextToken: shape.nextToken.optional() }),
  load: ({ StackName }, call, { listing }) => findStack(StackName, call, listing),
  requires: (_given, found, call) => [needOn('ListStackResources', found, call)],
  async run({ NextToken }, found, call, powers) {
    const stack = existing(found)
    const pages = paged('ListStackResources', call, powers, stack.id)
    const page = { after: pages.after(NextToken), limit: PER_PAGE + 1 }
    const rows = await powers.reads.listing.stackParts(stack.id, 'resource', page)
    const { items, ...more } = pages.cut(rows, PER_PAGE, ({ logicalId }) => logicalId)
    return { StackResourceSummaries: items.map(resourceSummary), ...more }
  },
  record: (input) => recordOf(input),
})
