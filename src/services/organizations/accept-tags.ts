import { TAGS_PER_KEY } from '../../domain/limits.ts'
import { refuseTags, type Tag, type TagRefusal } from '../../domain/tags.ts'
import type { WireError } from '../../kernel/errors.ts'
import { errors } from './errors.ts'

const tooMany = () =>
  errors.ConstraintViolationException(`More than ${TAGS_PER_KEY} tags cannot be on one resource.`, {
    Reason: 'MAX_TAG_LIMIT_EXCEEDED',
  })

const refused: Readonly<Record<TagRefusal, () => WireError>> = {
  'duplicate-keys': () =>
    errors.InvalidInputException('Tag keys must be unique within a request.', { Reason: 'DUPLICATE_TAG_KEY' }),
  'reserved-prefix': () =>
    errors.InvalidInputException('Tag keys beginning with aws: are reserved.', {
      Reason: 'INVALID_SYSTEM_TAGS_PARAMETER',
    }),
  'too-many': tooMany,
}

/** A tag as the API spells it. */
export interface WireTag {
  readonly Key: string
  readonly Value: string
}

/**
 * Accepts tags that are to be put on something.
 *
 * @throws InvalidInputException, ConstraintViolationException
 */
export function acceptTags(given: readonly WireTag[] = []): readonly Tag[] {
  const tags = given.map(({ Key, Value }) => ({ key: Key, value: Value }))
  const refusal = refuseTags(tags)
  if (refusal !== null) throw refused[refusal]()
  return tags
}

/** Refuses more tags than one thing may have. */
export function requireTagsFit(tags: readonly Tag[]): void {
  if (tags.length > TAGS_PER_KEY) throw tooMany()
}

/** Tags as the API spells them. */
export function wireTags(tags: readonly Tag[]): readonly WireTag[] {
  return tags.map(({ key, value }) => ({ Key: key, Value: value }))
}
