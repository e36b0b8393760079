/**
 * What stands for a value that is not known yet: an attribute of something that has still to be made.
 *
 * It appears only where a world without that thing is given to `resolveProperties`.
 */
export const UNKNOWN: unique symbol = Symbol('known after it is made')

/** A value in a template, before or after its intrinsic functions are resolved. Members are own members only. */
export type Value = string | number | boolean | null | typeof UNKNOWN | readonly Value[] | Members
export interface Members {
  readonly [name: string]: Value
}

/** Says whether a value is an object with members. */
export function isMembers(value: Value | undefined): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A member of an object; undefined where it has none of its own of that name, whatever all objects inherit. */
export function member(value: Members, name: string): Value | undefined {
  return Object.hasOwn(value, name) ? value[name] : undefined
}

/** A scalar as text; of anything else, nothing. */
export function scalarText(value: Value | undefined): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}
