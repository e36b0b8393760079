import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { list } from '../../../kernel/parse.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findTagged, needFor, requireTagged } from '../trails/find.ts'
import { wireTags } from '../trails/tags.ts'
import { refuseToken } from '../trails/token.ts'

/** How many trails can be asked about at once (AWS CloudTrail API Reference, ListTags). */
const RESOURCES = 20

/** Lists the tags of trails. */
export const listTags = globalReadOperation({
  name: 'ListTags',
  errors: Object.values(errors),
  input: z.object({ ResourceIdList: list(z.string(), RESOURCES), NextToken: z.string().optional() }),
  load({ ResourceIdList, NextToken }, call, reads) {
    refuseToken(NextToken)
    return Promise.all(ResourceIdList.map((id) => findTagged(reads, id, call)))
  },
  requires: (_asked, found, call) => found.flatMap((each) => needFor('ListTags', each, call)),
  run: (_asked, found) => ({
    ResourceTagList: found.map((each) => ({ ResourceId: each.arn, TagsList: wireTags(requireTagged(each).tags) })),
  }),
  record: (asked) => recordOf(asked),
})
