import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { changeablePolicy, findPolicy, needOnPolicy, savePolicy } from '../managed-policies.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { addTags, requestTagKeys } from '../tags.ts'

/** Puts tags on a managed policy. */
export const TagPolicy = globalWriteOperation({
  name: 'TagPolicy',
  errors: [errors.InvalidInput, errors.LimitExceeded, errors.NoSuchEntity, errors.ValidationError],
  input: z.object({ PolicyArn: shape.arn, Tags: shape.tags }),
  load: ({ PolicyArn }, call, reads) => findPolicy(PolicyArn, call, reads),
  requires: ({ Tags }, found) => [needOnPolicy('TagPolicy', found, requestTagKeys(Tags))],
  async run({ Tags }, found, call, { writes }): Promise<void> {
    const policy = changeablePolicy(found)
    await savePolicy(writes, call, { ...policy, tags: addTags(policy.tags, Tags) })
  },
  record: (input) => recordOf(input),
})
