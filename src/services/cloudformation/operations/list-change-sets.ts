import { z } from 'zod'
import { readOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { findStack, living, needOn } from '../find-stack.ts'
import { paged } from '../page.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { changeSetSummary } from '../views.ts'

const PER_PAGE = 100

/** Lists the change sets of a stack that were not executed. */
export const ListChangeSets = readOperation({
  name: 'ListChangeSets',
  errors: [errors.ValidationError],
  input: z.object({ StackName: shape.stackName, NextToken: shape.nextToken.optional() }),
  load: ({ StackName }, call, { listing }) => findStack(StackName, call, listing),
  requires: (_given, found, call) => [needOn('ListChangeSets', found, call)],
  async run({ NextToken }, found, call, powers) {
    const stack = living(found)
    const pages = paged('ListChangeSets', call, powers, stack.id)
    const page = { after: pages.after(NextToken), limit: PER_PAGE + 1 }
    const all = await powers.reads.listing.stackParts(stack.id, 'change-set', page)
    const { items, ...more } = pages.cut(all, PER_PAGE, ({ id }) => id)
    const waiting = items.filter(({ execution }) => execution !== 'EXECUTED')
    return { Summaries: waiting.map((changeSet) => changeSetSummary(stack, changeSet)), ...more }
  },
  record: (input) => recordOf(input),
})
