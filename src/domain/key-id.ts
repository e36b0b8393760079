/** What stands first in the ids of multi-Region keys; those of others come before it. */
export const MULTI_REGION_PREFIX = 'mrk-'
const MULTI_REGION = /^mrk-[0-9a-f]{32}$/
const SINGLE_REGION = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Says whether `text` can be the id of a KMS key: a UUID, or `mrk-` and 32 hexadecimal digits. */
export function isKeyId(text: string): boolean {
  return MULTI_REGION.test(text) || SINGLE_REGION.test(text)
}

/**
 * The id of a new key.
 *
 * @param random 16 bytes; a single-Region key's id is a version 4 UUID (RFC 9562, section 5.4)
 */
export function newKeyId(random: Uint8Array, multiRegion: boolean): string {
  const bytes = Buffer.from(random)
  if (multiRegion) return `${MULTI_REGION_PREFIX}${bytes.toString('hex')}`
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
