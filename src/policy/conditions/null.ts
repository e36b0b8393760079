import type { ConditionKeys, ConditionValue } from '../context.ts'
import { readBool } from './bool.ts'

/** The value of a key. An empty list is an absent key: both carry no value. */
export function present(keys: ConditionKeys, key: string): ConditionValue | undefined {
  const value = keys.get(key)
  return value !== undefined && typeof value !== 'string' && value.length === 0 ? undefined : value
}

/** `Null`: `"true"` holds where the key is absent, `"false"` where it is present, be it as an empty string. */
export function compileNull(key: string, values: readonly string[]): (keys: ConditionKeys) => boolean {
  const absent = values.some(readBool)
  const there = values.some((value) => !readBool(value))
  return (keys) => (present(keys, key) === undefined ? absent : there)
}
