import { z } from 'zod'
import { TAGS_PER_KEY } from '../../../domain/limits.ts'
import { refuseTags, type Tag } from '../../../domain/tags.ts'
import type { Need } from '../../../kernel/access/need.ts'
import { list, structure } from '../../../kernel/parse.ts'
import { errors } from '../errors.ts'

const TAGS_AT_ONCE = 200

/** Tags in an input. */
export const tagsInput = list(
  structure({ Key: z.string().min(1).max(128), Value: z.string().min(1).max(256).optional() }),
  TAGS_AT_ONCE,
)
type GivenTags = z.infer<typeof tagsInput>

/**
 * Accepts tags that are to be put on a trail.
 *
 * @throws InvalidTagParameterException, TagsLimitExceededException
 */
export function acceptTags(given: GivenTags = []): readonly Tag[] {
  const tags = given.map(({ Key, Value }) => ({ key: Key, value: Value ?? '' }))
  switch (refuseTags(tags)) {
    case 'duplicate-keys':
      throw errors.InvalidTagParameterException('A key is in TagsList more than once: give each key one value.')
    case 'reserved-prefix':
      throw errors.InvalidTagParameterException('A key in TagsList begins with "aws:": AWS keeps those for itself.')
    case 'too-many':
      requireTagsFit(tags)
  }
  return tags
}

/** @throws TagsLimitExceededException */
export function requireTagsFit(tags: readonly Tag[]): void {
  if (tags.length <= TAGS_PER_KEY) return
  throw errors.TagsLimitExceededException(`The trail would have ${tags.length} tags, and can have ${TAGS_PER_KEY}.`)
}

/** The condition keys of an operation that puts tags or takes them away. */
export function tagContext(given: GivenTags = []): Need['context'] {
  if (given.length === 0) return {}
  return {
    'aws:TagKeys': given.map(({ Key }) => Key),
    ...Object.fromEntries(given.map(({ Key, Value = '' }) => [`aws:RequestTag/${Key}`, Value])),
  }
}

/** Tags as the API spells them. */
export function wireTags(tags: readonly Tag[]) {
  return tags.map(({ key, value }) => ({ Key: key, Value: value }))
}
