const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** What unique ids begin with (IAM User Guide, "IAM identifiers"). */
export type IdPrefix = 'AIDA' | 'AGPA' | 'AROA' | 'ANPA' | 'AKIA'

type Random = (bytes: number) => Buffer

/** A unique id: the prefix and 17 random characters, 85 bits. */
export function uniqueId(prefix: IdPrefix, random: Random): string {
  return prefix + base32(17, random)
}

/** The id of a long-term access key: 20 characters. */
export function accessKeyId(random: Random): string {
  return `AKIA${base32(16, random)}`
}

/** A secret access key: 40 characters, 240 random bits. */
export function secretAccessKey(random: Random): string {
  const bytes = random(30)
  const text = bytes.toString('base64')
  bytes.fill(0)
  return text
}

/** 256 is a multiple of 32: every character is as likely as another. */
function base32(length: number, random: Random): string {
  return Array.from(random(length), (byte) => BASE32.charAt(byte % 32)).join('')
}
