import { isMembers, member, type Value } from './value.ts'

/** Whether two values are the same, whatever the order of members. What is unknown is the same as nothing. */
export function isEqual(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return typeof a !== 'symbol'
  if (Array.isArray(a) && Array.isArray(b)) {
    const [one, other]: readonly (readonly Value[])[] = [a, b]
    return one?.length === other?.length && (one ?? []).every((each, index) => isEqual(each, other?.[index]))
  }
  if (!isMembers(a) || !isMembers(b)) return false
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => isEqual(member(a, name), member(b, name)))
}
