import { z } from 'zod'
import { readOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { EVENT_DIGITS } from '../events.ts'
import { existing, findStack, needOn } from '../find-stack.ts'
import { paged } from '../page.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { eventView } from '../views.ts'

const PER_PAGE = 100

/** Tells what has happened to a stack and its resources, the newest first. */
export const DescribeStackEvents = readOperation({
  name: 'DescribeStackEvents',
  errors: [errors.ValidationError],
  input: z.object({ StackName: shape.stackName, NextToken: shape.nextToken.optional() }),
  load: ({ StackName }, call, { listing }) => findStack(StackName, call, listing),
  requires: (_given, found, call) => [needOn('DescribeStackEvents', found, call)],
  async run({ NextToken }, found, call, powers) {
    const stack = existing(found)
    const pages = paged('DescribeStackEvents', call, powers, stack.id)
    const after = pages.after(NextToken)
    const page = { after, limit: PER_PAGE + 1, descending: true }
    const events = await powers.reads.listing.stackParts(stack.id, 'event', page)
    const first = after === null ? stack.events : Number(after) - 1
    const numbered = events.map((event, index) => ({ event, place: first - index }))
    const { items, ...more } = pages.cut(numbered, PER_PAGE, ({ place }) => String(place).padStart(EVENT_DIGITS, '0'))
    return { StackEvents: items.map(({ event }) => eventView(stack, event)), ...more }
  },
  record: (input) => recordOf(input),
})
