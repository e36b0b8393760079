import { type Matcher, NO, YES } from '../patterns/match.ts'

/** Reads a boolean as AWS does: `true` in any case is true, everything else is false. */
export function readBool(text: string): boolean {
  return text === 'true' || text.toLowerCase() === 'true'
}

/** `Bool`. */
export function compileBool(values: readonly string[]): Matcher {
  const ofTrue = values.some(readBool) ? YES : NO
  const ofFalse = values.every(readBool) ? NO : YES
  return (value) => (readBool(value) ? ofTrue : ofFalse)
}
