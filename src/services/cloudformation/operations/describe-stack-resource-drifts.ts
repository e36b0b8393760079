import { z } from 'zod'
import { readOperation } from '../../../kernel/operation.ts'
import { resourceDriftView } from '../drift.ts'
import { errors } from '../errors.ts'
import { existing, findStack, needOn } from '../find-stack.ts'
import { paged } from '../page.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

/** Tells how the resources of a stack differed when they were compared last. */
export const DescribeStackResourceDrifts = readOperation({
  name: 'DescribeStackResourceDrifts',
  errors: [errors.ValidationError],
  input: z.object({
    StackName: shape.stackName,
    StackResourceDriftStatusFilters: shape
      .list(z.enum(['IN_SYNC', 'MODIFIED', 'DELETED', 'NOT_CHECKED', 'UNKNOWN', 'UNSUPPORTED']), 6)
      .default([]),
    NextToken: shape.nextToken.optional(),
    MaxResults: shape.pageSize(100).default(100),
  }),
  load: ({ StackName }, call, { listing }) => findStack(StackName, call, listing),
  requires: (_given, found, call) => [needOn('DescribeStackResourceDrifts', found, call)],
  async run({ StackResourceDriftStatusFilters: wanted, NextToken, MaxResults }, found, call, powers) {
    const stack = existing(found)
    const pages = paged('DescribeStackResourceDrifts', call, powers, stack.id)
    const after = pages.after(NextToken) ?? ''
    const rows = await powers.reads.listing.stackParts(stack.id, 'resource', null)
    const drifts = rows.flatMap((row) => (row.drift === null ? [] : [{ row, drift: row.drift }]))
    const rest = drifts.filter(
      ({ row, drift }) => row.logicalId > after && (wanted.length === 0 || wanted.includes(drift.status)),
    )
    const { items, ...more } = pages.cut(rest.slice(0, MaxResults + 1), MaxResults, ({ row }) => row.logicalId)
    return { StackResourceDrifts: items.map(({ row, drift }) => resourceDriftView(stack, row, drift)), ...more }
  },
  record: (input) => recordOf(input),
})
