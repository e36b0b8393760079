import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto'

/** Bytes of an initialization vector (NIST SP 800-38D, section 5.2.1.1). */
export const IV_BYTES = 12
/** Bytes of an authentication tag. */
export const TAG_BYTES = 16

const CIPHER = 'aes-256-gcm'
const OPTIONS = { authTagLength: TAG_BYTES }

/**
 * Encrypts with AES-256-GCM (NIST SP 800-38D).
 *
 * @param iv 12 bytes, never used twice with the same key
 */
export function seal(
  key: KeyObject,
  iv: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): { ciphertext: Buffer; tag: Buffer } {
  const cipher = createCipheriv(CIPHER, key, iv, OPTIONS)
  cipher.setAAD(aad)
  const ciphertext = cipher.update(plaintext)
  cipher.final()
  return { ciphertext, tag: cipher.getAuthTag() }
}

/** Decrypts with AES-256-GCM. Null means that it is not authentic, and there is no other reason. */
export function open(
  key: KeyObject,
  iv: Uint8Array,
  aad: Uint8Array,
  ciphertext: Uint8Array,
  tag: Uint8Array,
): Buffer | null {
  if (iv.length !== IV_BYTES || tag.length !== TAG_BYTES) return null
  const decipher = createDecipheriv(CIPHER, key, iv, OPTIONS)
  decipher.setAAD(aad)
  decipher.setAuthTag(tag)
  const plaintext = decipher.update(ciphertext)
  try {
    decipher.final()
  } catch {
    plaintext.fill(0)
    return null
  }
  return plaintext
}
