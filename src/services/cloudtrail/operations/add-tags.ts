import { z } from 'zod'
import { mergeTags } from '../../../domain/tags.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findTagged, needFor, putTrail, requireAtHome, requireTagged } from '../trails/find.ts'
import { acceptTags, requireTagsFit, tagContext, tagsInput } from '../trails/tags.ts'

/** Puts tags on a trail. */
export const addTags = globalWriteOperation({
  name: 'AddTags',
  errors: Object.values(errors),
  input: z.object({ ResourceId: z.string(), TagsList: tagsInput }),
  load: ({ ResourceId }, call, reads) => findTagged(reads, ResourceId, call),
  requires: ({ TagsList }, found, call) => needFor('AddTags', found, call, tagContext(TagsList)),
  async run({ TagsList }, found, call, { writes }): Promise<void> {
    requireTagged(found)
    const trail = requireAtHome(found, call)
    const tags = mergeTags(trail.tags, acceptTags(TagsList))
    requireTagsFit(tags)
    await putTrail(writes, { ...trail, tags })
  },
  record: (asked) => recordOf(asked),
})
