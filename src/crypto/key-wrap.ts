import { createDecipheriv, type KeyObject } from 'node:crypto'

/** The alternative initial value of RFC 5649, section 3, without the length that follows it. */
const INITIAL_VALUE = Buffer.from('A65959A6', 'hex')

/**
 * Unwraps with AES Key Wrap with Padding (AES-KWP, RFC 5649; NIST SP 800-38F, section 6.3). The caller wipes the result.
 *
 * @param kek 128, 192 or 256 bits
 * @returns null for whatever was not wrapped under `kek`
 */
export function unwrapPadded(kek: KeyObject, wrapped: Uint8Array): Buffer | null {
  const bits = (kek.symmetricKeySize ?? 0) * 8
  if (wrapped.length < 16 || wrapped.length % 8 !== 0) return null
  const decipher = createDecipheriv(`id-aes${bits}-wrap-pad`, kek, INITIAL_VALUE)
  try {
    return Buffer.concat([decipher.update(wrapped), decipher.final()])
  } catch {
    return null
  }
}
