import { countedTags, isSystemTag, type Tag } from '../../domain/tags.ts'
import type { Need } from '../../kernel/access/need.ts'
import { errors } from './errors.ts'
import { TAGS_PER_ENTITY } from './limits.ts'

/** Tags as requests and answers write them. */
export type WireTags = readonly { readonly Key: string; readonly Value: string }[]

/**
 * Puts tags over those that something has. Keys that differ in case only are one (IAM User Guide, "Tags for IAM
 * resources").
 *
 * @throws InvalidInput where a key is given twice, or is reserved
 * @throws LimitExceeded over 50
 */
export function addTags(tags: readonly Tag[], added: WireTags): readonly Tag[] {
  const keys = new Set(added.map(({ Key }) => Key.toLowerCase()))
  if (keys.size < added.length) {
    throw errors.InvalidInput('Duplicate tag keys found. Please note that Tag keys are case insensitive.')
  }
  if ([...keys].some(isSystemTag)) {
    throw errors.InvalidInput('Your request cannot include tag keys that begin with aws:')
  }
  const kept = tags.filter(({ key }) => !keys.has(key.toLowerCase()))
  if (countedTags(kept) + added.length > TAGS_PER_ENTITY) {
    throw errors.LimitExceeded(`The number of tags has reached the maximum limit of ${TAGS_PER_ENTITY}.`)
  }
  return [...kept, ...added.map(({ Key, Value }) => ({ key: Key, value: Value }))]
}

/**
 * Takes tags away; a key that is not there is no error.
 *
 * @throws InvalidInput where a key is reserved
 */
export function dropTags(tags: readonly Tag[], keys: readonly string[]): readonly Tag[] {
  if (keys.some(isSystemTag)) throw errors.InvalidInput('Your request cannot include tag keys that begin with aws:')
  const dropped = new Set(keys.map((key) => key.toLowerCase()))
  return tags.filter(({ key }) => !dropped.has(key.toLowerCase()))
}

/** Tags as answers write them. */
export function wireTags(tags: readonly Tag[]): WireTags {
  return tags.map(({ key, value }) => ({ Key: key, Value: value }))
}

/** A member `Tags` where there are some. */
export function tagsMember(tags: readonly Tag[]): { readonly Tags?: WireTags } {
  return tags.length === 0 ? {} : { Tags: wireTags(tags) }
}

/** The condition keys that follow from the tags in a request. */
export function requestTagKeys(tags: WireTags): Need['context'] {
  return {
    ...Object.fromEntries(tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value])),
    ...(tags.length > 0 && { 'aws:TagKeys': tags.map(({ Key }) => Key) }),
  }
}
