import { decapsulate as open, encapsulate as make } from 'node:crypto'
import type { KeyPair } from './key-pair.ts'

/** The lengths of ML-KEM's ciphertexts by OpenSSL's names of the parameter sets (FIPS 203, table 3). */
const CIPHERTEXT_BYTES: ReadonlyMap<string | undefined, number> = new Map([
  ['ml-kem-512', 768],
  ['ml-kem-768', 1088],
  ['ml-kem-1024', 1568],
])

/** A new shared secret of 32 bytes, and the ciphertext that tells it to whoever has the private key (FIPS 203). */
export function encapsulate({ publicKey }: KeyPair): { sharedSecret: Buffer; ciphertext: Buffer } {
  const { sharedKey, ciphertext } = make(publicKey)
  return { sharedSecret: sharedKey, ciphertext }
}

/**
 * The shared secret in a ciphertext; null where its length is not the parameter set's.
 *
 * A ciphertext that was changed gives another secret and no error: that is ML-KEM's implicit rejection.
 */
export function decapsulate({ privateKey }: KeyPair, ciphertext: Uint8Array): Buffer | null {
  if (ciphertext.length !== CIPHERTEXT_BYTES.get(privateKey.asymmetricKeyType)) return null
  return open(privateKey, ciphertext)
}
