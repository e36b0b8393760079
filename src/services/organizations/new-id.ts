const LETTERS = '0123456789abcdefghijklmnopqrstuvwxyz'
const DIGITS = LETTERS.slice(0, 10)

/** Random characters: digits and lower-case letters unless told otherwise. */
export function newId(random: (bytes: number) => Buffer, length: number, alphabet = LETTERS): string {
  const fair = 256 - (256 % alphabet.length)
  let id = ''
  while (id.length < length) {
    // Bytes beyond the last whole alphabet would favour its beginning.
    for (const byte of random(length * 2)) {
      if (byte < fair && id.length < length) id += alphabet.charAt(byte % alphabet.length)
    }
  }
  return id
}

/** A random account id. */
export function newAccountId(random: (bytes: number) => Buffer): string {
  return newId(random, 1, DIGITS.slice(1)) + newId(random, 11, DIGITS)
}
