import { TAGS_PER_KEY } from './limits.ts'

/** A label on a key. Keys of tags are case-sensitive and unique on a key. */
export interface Tag {
  readonly key: string
  readonly value: string
}

/** Why a set of tags is not acceptable. */
export type TagRefusal = 'duplicate-keys' | 'reserved-prefix' | 'too-many'

/** Says why `tags` may not be put on a key, or null where they may. */
export function refuseTags(tags: readonly Tag[]): TagRefusal | null {
  if (new Set(tags.map((tag) => tag.key)).size < tags.length) return 'duplicate-keys'
  if (tags.some(({ key }) => isSystemTag(key))) return 'reserved-prefix'
  return tags.length > TAGS_PER_KEY ? 'too-many' : null
}

/** Says whether a tag is one that only services of AWS put on something and take away. */
export function isSystemTag(key: string): boolean {
  return key.toLowerCase().startsWith('aws:')
}

/** How many tags count against a limit: those of services do not. */
export function countedTags(tags: readonly Tag[]): number {
  return tags.filter(({ key }) => !isSystemTag(key)).length
}

/** Puts `added` over `tags`: a tag that exists keeps its place and takes the new value. */
export function mergeTags(tags: readonly Tag[], added: readonly Tag[]): readonly Tag[] {
  const merged = new Map(tags.map((tag) => [tag.key, tag.value]))
  for (const tag of added) merged.set(tag.key, tag.value)
  return [...merged].map(([key, value]) => ({ key, value }))
}

/** Whether two keys of tags are one where they differ in case only, as on users, roles and sessions. */
export function isSameTagKey(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

/** Puts `added` over `tags` where keys that differ in case only are one: the tag that was put last has its own spelling. */
export function overlayTags(tags: readonly Tag[], added: readonly Tag[]): readonly Tag[] {
  return [...tags.filter(({ key }) => !added.some((tag) => isSameTagKey(tag.key, key))), ...added]
}

/** Takes the tags with these keys away. A key that is not there is no error, as in AWS. */
export function removeTags(tags: readonly Tag[], keys: readonly string[]): readonly Tag[] {
  return tags.filter((tag) => !keys.includes(tag.key))
}
