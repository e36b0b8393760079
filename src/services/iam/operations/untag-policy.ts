import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { changeablePolicy, findPolicy, needOnPolicy, savePolicy } from '../managed-policies.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { dropTags } from '../tags.ts'

/** Takes tags away from a managed policy. */
export const UntagPolicy = globalWriteOperation({
  name: 'UntagPolicy',
  errors: [errors.InvalidInput, errors.NoSuchEntity, errors.ValidationError],
  input: z.object({ PolicyArn: shape.arn, TagKeys: shape.tagKeys }),
  load: ({ PolicyArn }, call, reads) => findPolicy(PolicyArn, call, reads),
  requires: ({ TagKeys }, found) => [needOnPolicy('UntagPolicy', found, { 'aws:TagKeys': TagKeys })],
  async run({ TagKeys }, found, call, { writes }): Promise<void> {
    const policy = changeablePolicy(found)
    await savePolicy(writes, call, { ...policy, tags: dropTags(policy.tags, TagKeys) })
  },
  record: (input) => recordOf(input),
})
