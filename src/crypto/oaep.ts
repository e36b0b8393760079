import { constants, publicEncrypt, subtle } from 'node:crypto'
import type { KeyPair } from './key-pair.ts'
import { together } from './thread-pool.ts'

/** The hashes behind KMS's names: OAEP's own, and that of its mask (RFC 8017, section 7.1). The label is empty. */
const HASHES: ReadonlyMap<string, { readonly name: 'SHA-1' | 'SHA-256'; readonly bytes: number }> = new Map([
  ['RSAES_OAEP_SHA_1', { name: 'SHA-1', bytes: 20 }],
  ['RSAES_OAEP_SHA_256', { name: 'SHA-256', bytes: 32 }],
])

function hashOf(algorithm: string) {
  const hash = HASHES.get(algorithm)
  if (hash === undefined) throw new Error(`INVARIANT: ${algorithm} encrypts with RSA`)
  return hash
}

function modulusBytes({ publicKey }: KeyPair): number {
  return (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8
}

/** How many bytes a key can encrypt at most. */
export function oaepCapacity(pair: KeyPair, algorithm: string): number {
  return modulusBytes(pair) - 2 * hashOf(algorithm).bytes - 2
}

/** Encrypts with RSA-OAEP. */
export function encryptOaep(
  { publicKey }: Pick<KeyPair, 'publicKey'>,
  algorithm: string,
  plaintext: Uint8Array,
): Buffer {
  const key = { key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hashOf(algorithm).name }
  return publicEncrypt(key, plaintext)
}

/**
 * Decrypts with RSA-OAEP, in the thread pool. The caller wipes the plaintext.
 *
 * @returns null for whatever does not decrypt; why, nobody is told (RFC 8017, section 7.1.2)
 */
export async function decryptOaep(pair: KeyPair, algorithm: string, ciphertext: Uint8Array): Promise<Buffer | null> {
  const { name } = hashOf(algorithm)
  if (ciphertext.length !== modulusBytes(pair)) return null
  const key = pair.privateKey.toCryptoKey({ name: 'RSA-OAEP', hash: name }, false, ['decrypt'])
  try {
    const plaintext = await subtle.decrypt('RSA-OAEP', key, Buffer.from(ciphertext))
    await together()
    return Buffer.from(plaintext)
  } catch {
    return null
  }
}
