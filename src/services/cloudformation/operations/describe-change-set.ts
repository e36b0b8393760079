import { z } from 'zod'
import { readOperation } from '../../../kernel/operation.ts'
import { withoutValues } from '../change-sets.ts'
import { errors } from '../errors.ts'
import { existingChangeSet, findChangeSet, needOn } from '../find-stack.ts'
import { paged } from '../page.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { changeSetView } from '../views.ts'

const PER_PAGE = 100

/** Tells what a change set would change. */
export const DescribeChangeSet = readOperation({
  name: 'DescribeChangeSet',
  errors: [errors.ChangeSetNotFound, errors.ValidationError],
  input: z.object({
    ChangeSetName: shape.changeSetName,
    StackName: shape.stackName.optional(),
    IncludePropertyValues: shape.flag.default(false),
    NextToken: shape.nextToken.optional(),
  }),
  load: (given, call, { listing }) => findChangeSet(given, call, listing),
  requires: (_given, found, call) => [
    needOn('DescribeChangeSet', found, call, { 'cloudformation:ChangeSetName': found.changeSetNamed }),
  ],
  run({ IncludePropertyValues, NextToken }, found, call, powers) {
    const { stack, changeSet } = existingChangeSet(found)
    const pages = paged('DescribeChangeSet', call, powers, changeSet.id)
    const from = Number(pages.after(NextToken) ?? '0')
    const numbered = changeSet.changes.map((change, index) => ({ change, place: index + 1 }))
    const { items, ...more } = pages.cut(numbered.slice(from, from + PER_PAGE + 1), PER_PAGE, ({ place }) =>
      String(place),
    )
    return {
      ...changeSetView(stack, changeSet),
      Changes: items.map(({ change }) => ({
        Type: 'Resource',
        ResourceChange: IncludePropertyValues ? change : withoutValues(change),
      })),
      ...more,
    }
  },
  record: (input) => recordOf(input),
})
