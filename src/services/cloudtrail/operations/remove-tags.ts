import { z } from 'zod'
import { removeTags as withoutTags } from '../../../domain/tags.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findTagged, needFor, putTrail, requireAtHome, requireTagged } from '../trails/find.ts'
import { tagsInput } from '../trails/tags.ts'

/** Takes tags from a trail, by their keys. */
export const removeTags = globalWriteOperation({
  name: 'RemoveTags',
  errors: Object.values(errors),
  input: z.object({ ResourceId: z.string(), TagsList: tagsInput }),
  load: ({ ResourceId }, call, reads) => findTagged(reads, ResourceId, call),
  requires: ({ TagsList }, found, call) =>
    needFor('RemoveTags', found, call, { 'aws:TagKeys': TagsList.map(({ Key }) => Key) }),
  async run({ TagsList }, found, call, { writes }): Promise<void> {
    requireTagged(found)
    const trail = requireAtHome(found, call)
    const keys = TagsList.map(({ Key }) => Key)
    await putTrail(writes, { ...trail, tags: withoutTags(trail.tags, keys) })
  },
  record: (asked) => recordOf(asked),
})
