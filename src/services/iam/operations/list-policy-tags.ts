import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { existingPolicy, findPolicy, needOnPolicy } from '../managed-policies.ts'
import { pageOf } from '../page.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { wireTags } from '../tags.ts'

/** Lists the tags of a managed policy. */
export const ListPolicyTags = globalReadOperation({
  name: 'ListPolicyTags',
  errors: [errors.NoSuchEntity, errors.ValidationError],
  input: z.object({ PolicyArn: shape.arn, ...shape.paging }),
  load: ({ PolicyArn }, call, reads) => findPolicy(PolicyArn, call, reads),
  requires: (_input, found) => [needOnPolicy('ListPolicyTags', found)],
  run(input, found) {
    const tags = wireTags(existingPolicy(found).tags)
    const { items, more } = pageOf('ListPolicyTags', tags, input, ({ Key }) => Key)
    return { Tags: items, ...more }
  },
  record: (input) => recordOf(input),
})
