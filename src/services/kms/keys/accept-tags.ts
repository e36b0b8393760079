import { TAGS_PER_KEY } from '../../../domain/limits.ts'
import { countedTags, isSystemTag, refuseTags, type Tag, type TagRefusal } from '../../../domain/tags.ts'
import { errors } from '../errors.ts'

const refusedTags: Readonly<Record<TagRefusal, string>> = {
  'duplicate-keys': 'Duplicate tag keys',
  'reserved-prefix': 'Tags beginning with aws: are reserved',
  'too-many': 'Too many tags',
}

/** A tag as the API spells it. */
export interface WireTag {
  readonly TagKey: string
  readonly TagValue: string
}

/**
 * Accepts tags, once for themselves and once together with those that a key already has.
 *
 * @throws TagException
 */
export function acceptTags(given: readonly WireTag[]): readonly Tag[] {
  const tags = given.map(({ TagKey, TagValue }) => ({ key: TagKey, value: TagValue }))
  const refusal = refuseTags(tags)
  if (refusal !== null) throw errors.TagException(refusedTags[refusal])
  return tags
}

/** Refuses more tags than a key may have. */
export function requireTagsFit(tags: readonly Tag[]): void {
  if (countedTags(tags) > TAGS_PER_KEY) throw errors.TagException(refusedTags['too-many'])
}

/**
 * Refuses to take away what only services of AWS give.
 *
 * @throws TagException
 */
export function requireOwnTags(keys: readonly string[]): void {
  if (keys.some(isSystemTag)) throw errors.TagException(refusedTags['reserved-prefix'])
}

/** Tags as the API spells them. */
export function wireTags(tags: readonly Tag[]): readonly WireTag[] {
  return tags.map(({ key, value }) => ({ TagKey: key, TagValue: value }))
}
