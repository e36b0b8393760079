import { isSameTagKey, type Tag } from '../../domain/tags.ts'
import type { CallerSession } from '../../kernel/identities/caller.ts'
import type { Need } from '../../kernel/access/need.ts'
import { errors } from './errors.ts'

/** How many tags a session can have, those that it inherits among them. */
const TAGS_PER_SESSION = 50

/** What a request says of the tags of a session. */
interface TagsInput {
  readonly Tags: readonly { readonly Key: string; readonly Value: string }[]
  readonly TransitiveTagKeys?: readonly string[]
}

/** The tags of a session that is to begin. */
export interface SessionTags {
  readonly tags: readonly Tag[]
  /** Keys of tags that go on into sessions that are begun from this one. */
  readonly transitiveTagKeys: readonly string[]
}

/**
 * Puts the tags of a request beside those that the caller's session hands on. What was inherited is handed on again.
 *
 * Keys that differ in case only are one (IAM User Guide, "Pass session tags in AWS STS").
 *
 * @throws InvalidParameterValue where a key is given twice, is inherited, is reserved, or is to be transitive and not
 *   given
 * @throws PackedPolicyTooLarge over 50 tags
 */
export function acceptSessionTags(
  { Tags, TransitiveTagKeys = [] }: TagsInput,
  session: CallerSession | null,
): SessionTags {
  const inherited = session?.transitiveTags ?? []
  if (new Set(Tags.map(({ Key }) => Key.toLowerCase())).size < Tags.length) {
    throw errors.InvalidParameterValue('Duplicate tag keys found. Please note that Tag keys are case insensitive.')
  }
  if (Tags.some(({ Key }) => Key.toLowerCase().startsWith('aws:'))) {
    throw errors.InvalidParameterValue('Tag keys beginning with aws: are reserved. Give the tag another key.')
  }
  if (!TransitiveTagKeys.every((key) => Tags.some(({ Key }) => isSameTagKey(Key, key)))) {
    throw errors.InvalidParameterValue('The specified transitive tag key must be included in the requested tags.')
  }
  const again = Tags.find(({ Key }) => inherited.some(({ key }) => isSameTagKey(key, Key)))
  if (again !== undefined) {
    throw errors.InvalidParameterValue(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the " +
        `calling session. Leave the tag ${again.Key} out: the new session inherits it.`,
    )
  }
  const tags = [...inherited, ...Tags.map(({ Key, Value }) => ({ key: Key, value: Value }))]
  if (tags.length > TAGS_PER_SESSION) {
    throw errors.PackedPolicyTooLarge(
      `Packed size of session tags consumes ${(100 * tags.length) / TAGS_PER_SESSION}% of allotted space. ` +
        `A session has at most ${TAGS_PER_SESSION} tags; ${inherited.length} are inherited.`,
    )
  }
  return { tags, transitiveTagKeys: [...inherited.map(({ key }) => key), ...TransitiveTagKeys] }
}

/** What the tags that are given tell policies. Inherited ones are the caller's already: `aws:PrincipalTag`. */
export function sessionTagKeys({ Tags, TransitiveTagKeys = [] }: TagsInput): Need['context'] {
  return {
    ...(Tags.length > 0 && { 'aws:TagKeys': Tags.map(({ Key }) => Key) }),
    ...(TransitiveTagKeys.length > 0 && { 'sts:TransitiveTagKeys': TransitiveTagKeys }),
    ...Object.fromEntries(Tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value])),
  }
}
