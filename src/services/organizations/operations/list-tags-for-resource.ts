import { z } from 'zod'
import { TAGS_PER_KEY } from '../../../domain/limits.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { wireTags } from '../accept-tags.ts'
import { errors } from '../errors.ts'
import { pageOf } from '../page.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor } from '../requirements.ts'
import { findTaggable } from '../taggables.ts'
import * as shape from '../shapes.ts'

/** Lists the tags of the root, a unit, an account or a policy. */
export const ListTagsForResource = globalReadOperation({
  name: 'ListTagsForResource',
  errors: [
    errors.AccessDeniedException,
    errors.AWSOrganizationsNotInUseException,
    errors.InvalidInputException,
    errors.PolicyNotFoundException,
    errors.TargetNotFoundException,
  ],
  // AWS's model has no length of a page here; there are never more than 50.
  input: z.object({ ResourceId: shape.taggableId, NextToken: shape.page.NextToken }),
  load: async ({ ResourceId }, call, reads) =>
    findTaggable(reads, await findManagedOrganization(call, reads), ResourceId),
  requires: (_input, { arn }) => [needFor('ListTagsForResource', arn)],
  run({ NextToken }, { tags }) {
    const page = { MaxResults: TAGS_PER_KEY, NextToken }
    const { items, ...more } = pageOf('ListTagsForResource', wireTags(tags), page, ({ Key }) => Key)
    return { Tags: items, ...more }
  },
  record: (input) => recordOf(input),
})
