import { BAD_POLICY, type Matcher, NO, YES } from '../patterns/match.ts'

/** Decodes base64 to a string of bytes; `undefined` if it is malformed. */
export function readBinary(text: string): string | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  return atob(text)
}

/** `BinaryEquals`: equal bytes, however they were encoded. */
export function compileBinary(values: readonly string[]): Matcher {
  const wanted = new Set(values.map(readBinary))
  const otherwise = wanted.delete(undefined) ? BAD_POLICY : NO
  return (value) => (wanted.has(readBinary(value)) ? YES : otherwise)
}
