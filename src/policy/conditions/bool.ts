import { type Matcher, NO, YES } from '../patterns/match.ts'

/** Reads a boolean as AWS does: `true` in any case is true, everything else is false. */
export function readBool(text: string): boolean {
  return text.toLowerCase() === 'true'
}

/** `Bool`. */
export function compileBool(values: readonly string[]): Matcher {
  const wanted = new Set(values.map(readBool))
  return (value) => (wanted.has(readBool(value)) ? YES : NO)
}
