const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** What unique ids begin with (IAM User Guide, "IAM identifiers"). */
export type IdPrefix = 'AIDA' | 'AGPA' | 'AROA' | 'ANPA'

type Random = (bytes: number) => Buffer

/** A unique id: the prefix and 17 random characters, 85 bits. */
export function uniqueId(prefix: IdPrefix, random: Random): string {
  return prefix + base32(17, random)
}

/** 256 is a multiple of 32: every character is as likely as another. */
function base32(length: number, random: Random): string {
  return Array.from(random(length), (byte) => BASE32.charAt(byte % 32)).join('')
}
