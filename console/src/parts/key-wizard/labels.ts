import { refuseAliasName } from '../../../../src/domain/alias.ts'
import { isSystemTag, refuseTags } from '../../../../src/domain/tags.ts'
import { words } from '../../words/en.ts'

/** What a key is known by. */
export interface Labels {
  /** Without `alias/`. */
  readonly alias: string
  readonly description: string
  readonly tags: readonly { readonly key: string; readonly value: string }[]
}

/** Before anything was typed. */
export const NO_LABELS: Labels = { alias: '', description: '', tags: [] }

/** How long an alias can be with its prefix, and a description, in characters. */
const LONGEST = { alias: 256, description: 8192 }
const text = words.wizard.labels

/** The name of the alias as operations take it. */
export function aliasName({ alias }: Labels): string {
  return `alias/${alias.replace(/^alias\//, '')}`
}

/** What is wrong with an alias; null where nothing is. */
export function aliasFault(labels: Labels): string | null {
  const name = aliasName(labels)
  if (labels.alias === '') return text.noAlias
  if (refuseAliasName(name) === 'reserved') return text.reservedAlias
  return /^alias\/[\w/-]+$/.test(name) && name.length <= LONGEST.alias ? null : text.aliasConstraint
}

/** What is wrong with a description; null where nothing is. */
export function descriptionFault({ description }: Labels): string | null {
  return description.length > LONGEST.description ? text.longDescription(LONGEST.description) : null
}

/** What is wrong with the key of a tag; null where nothing is. */
export function tagFault({ tags }: Labels, index: number): string | null {
  const key = tags[index]?.key ?? ''
  if (key === '') return text.noTagKey
  if (isSystemTag(key)) return text.reservedTag
  return tags.findIndex((each) => each.key === key) < index ? text.sameTag : null
}

/** Says whether anything is wrong. */
export function areLabelsWrong(labels: Labels): boolean {
  const isTagWrong = labels.tags.some((_tag, index) => tagFault(labels, index) !== null)
  return (
    isTagWrong || [aliasFault(labels), descriptionFault(labels), refuseTags(labels.tags)].some((each) => each !== null)
  )
}

/** The labels as CreateKey and ReplicateKey take them. */
export function labelsInput({ description, tags }: Labels): object {
  return { Description: description, Tags: tags.map(({ key, value }) => ({ TagKey: key, TagValue: value })) }
}
