import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto'

/** OpenSSL's names of the hashes behind KMS's MAC algorithms. */
const HASHES: ReadonlyMap<string, string> = new Map([
  ['HMAC_SHA_224', 'sha224'],
  ['HMAC_SHA_256', 'sha256'],
  ['HMAC_SHA_384', 'sha384'],
  ['HMAC_SHA_512', 'sha512'],
])

/**
 * An HMAC (FIPS 198-1, RFC 2104), not truncated.
 *
 * @param algorithm KMS's name, such as `HMAC_SHA_256`
 */
export function computeMac(key: KeyObject, algorithm: string, message: Uint8Array): Buffer {
  const hash = HASHES.get(algorithm)
  if (hash === undefined) throw new Error(`INVARIANT: ${algorithm} is a MAC algorithm`)
  return createHmac(hash, key).update(message).digest()
}

/** Says in constant time whether a MAC is good. One that is truncated is not. */
export function verifyMac(key: KeyObject, algorithm: string, message: Uint8Array, mac: Uint8Array): boolean {
  const expected = computeMac(key, algorithm, message)
  return mac.length === expected.length && timingSafeEqual(mac, expected)
}
