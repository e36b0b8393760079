import type { PropertySchema } from '../template/type-facts.ts'
import type { Members } from '../template/value.ts'
import type { Answer, ResourceRequest } from './resource-type.ts'
import { objectsIn, textIn } from './values.ts'

export const tagsSchema: PropertySchema = {
  type: 'list',
  unordered: true,
  items: {
    type: 'object',
    properties: { Key: { type: 'string', min: 1, max: 128 }, Value: { type: 'string', max: 256 } },
    required: ['Key', 'Value'],
  },
}

/** A resource's tags by their keys: its own, and those of the stack that it has not itself. */
function tagsOf({ properties, stackTags }: ResourceRequest): ReadonlyMap<string, string> {
  return new Map([...stackTags.map(({ Key, Value }) => [Key, Value] as const), ...ownTags(properties)])
}

function ownTags(properties: Members): readonly (readonly [string, string])[] {
  return objectsIn(properties, 'Tags').map((tag) => [textIn(tag, 'Key') ?? '', textIn(tag, 'Value') ?? ''])
}

/** A resource's tags as IAM takes them. */
export function iamTags(request: ResourceRequest): readonly Answer[] {
  return [...tagsOf(request)].map(([Key, Value]) => ({ Key, Value }))
}

/** A resource's tags as KMS takes them. */
export function kmsTags(request: ResourceRequest): readonly Answer[] {
  return [...tagsOf(request)].map(([TagKey, TagValue]) => ({ TagKey, TagValue }))
}

/** What has to be done with tags in an update. */
export function tagChanges(before: ResourceRequest, after: ResourceRequest) {
  const [had, has] = [tagsOf(before), tagsOf(after)]
  return {
    removed: [...had.keys()].filter((key) => !has.has(key)),
    put: [...has].filter(([key, value]) => had.get(key) !== value),
  }
}

/** Tags that were read, without those that the stack has put there. */
export function readTags(tags: readonly (readonly [string, string])[], request: ResourceRequest): Members {
  const own = new Map(ownTags(request.properties))
  const fromStack = request.stackTags.filter(({ Key }) => !own.has(Key))
  const left = tags.filter(
    ([key, value]) => !key.startsWith('aws:') && !fromStack.some((tag) => tag.Key === key && tag.Value === value),
  )
  return left.length === 0 ? {} : { Tags: left.map(([Key, Value]) => ({ Key, Value })) }
}
