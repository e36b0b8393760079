/** The value of a condition key: a string where the key has one value, an array where it can have many. */
export type ConditionValue = string | readonly string[]

/**
 * The value of a key that has several, though it can have one: two names that differ in case only are one key, and an
 * encryption context or the tags of a key may have both.
 *
 * INVARIANT: nobody gains by it. A condition that depends on such a key does not hold in an Allow, and holds in a Deny.
 */
export const AMBIGUOUS: readonly string[] = Object.freeze(['several values under names that differ in case'])

/**
 * The condition keys of a request, by lower-case name. A `Map` is one. An empty array counts as an absent key.
 *
 * INVARIANT: they do not change. What a policy's variables stand for is looked up once for each such object.
 */
export interface ConditionKeys {
  get(lowerCaseKey: string): ConditionValue | undefined
}

/** What is asked of a policy. */
export interface RequestContext {
  /** `service:Name`, in any case. */
  readonly action: string
  /** An ARN, or `*` for an action that has no resource. */
  readonly resource: string
  readonly keys: ConditionKeys
}

/**
 * Builds the condition keys of a request from names in any case; `undefined` is an absent key.
 *
 * Two names that differ only in case are one key; unless they have one value, it is `AMBIGUOUS`. On a hot path, fill
 * a `Map` with lower-case names instead.
 */
export function conditionKeys(
  values: Readonly<Record<string, ConditionValue | undefined>>,
): Map<string, ConditionValue> {
  const keys = new Map<string, ConditionValue>()
  for (const name in values) {
    const value = values[name]
    if (value === undefined) continue
    const key = lowerCaseOf(name)
    const other = keys.get(key)
    keys.set(key, other === undefined || other === value ? value : AMBIGUOUS)
  }
  return keys
}

/** So many names are remembered in lower case, of such a length: most are the same in every request. */
const REMEMBERED_NAMES = 1024
const LONGEST_REMEMBERED = 64

const LOWER_CASE = new Map<string, string>()

/** A name in lower case: to make it anew, and to hash it, costs more than to look it up. */
function lowerCaseOf(name: string): string {
  const known = LOWER_CASE.get(name)
  if (known !== undefined) return known
  const lower = name.toLowerCase()
  if (name.length > LONGEST_REMEMBERED) return lower
  if (LOWER_CASE.size >= REMEMBERED_NAMES) LOWER_CASE.clear()
  LOWER_CASE.set(name, lower)
  return lower
}
