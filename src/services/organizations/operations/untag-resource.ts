import { z } from 'zod'
import { removeTags } from '../../../domain/tags.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor } from '../requirements.ts'
import { findTaggable, putTags } from '../taggables.ts'
import * as shape from '../shapes.ts'

/** Takes tags away. One that is not there is no error. */
export const UntagResource = globalWriteOperation({
  name: 'UntagResource',
  errors: [
    errors.AccessDeniedException,
    errors.AWSOrganizationsNotInUseException,
    errors.InvalidInputException,
    errors.PolicyNotFoundException,
    errors.TargetNotFoundException,
  ],
  input: z.object({ ResourceId: shape.taggableId, TagKeys: shape.tagKeys }),
  load: async ({ ResourceId }, call, reads) =>
    findTaggable(reads, await findManagedOrganization(call, reads), ResourceId),
  requires: ({ TagKeys }, { arn }) => [needFor('UntagResource', arn, { 'aws:TagKeys': TagKeys })],
  run: ({ TagKeys }, found, _call, { writes }) => putTags(writes, found, removeTags(found.tags, TagKeys)),
  record: (input) => recordOf(input),
})
