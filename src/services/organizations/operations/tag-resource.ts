import { z } from 'zod'
import { mergeTags } from '../../../domain/tags.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { acceptTags, requireTagsFit } from '../accept-tags.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor, tagContext } from '../requirements.ts'
import { findTaggable, putTags } from '../taggables.ts'
import * as shape from '../shapes.ts'

/** Puts tags on the root, a unit, an account or a policy. */
export const TagResource = globalWriteOperation({
  name: 'TagResource',
  errors: [
    errors.AccessDeniedException,
    errors.AWSOrganizationsNotInUseException,
    errors.ConstraintViolationException,
    errors.InvalidInputException,
    errors.PolicyNotFoundException,
    errors.TargetNotFoundException,
  ],
  input: z.object({ ResourceId: shape.taggableId, Tags: shape.tags }),
  load: async ({ ResourceId }, call, reads) =>
    findTaggable(reads, await findManagedOrganization(call, reads), ResourceId),
  requires: ({ Tags }, { arn }) => [needFor('TagResource', arn, tagContext(Tags))],
  async run({ Tags }, found, _call, { writes }): Promise<void> {
    const tags = mergeTags(found.tags, acceptTags(Tags))
    requireTagsFit(tags)
    await putTags(writes, found, tags)
  },
  record: (input) => recordOf(input),
})
