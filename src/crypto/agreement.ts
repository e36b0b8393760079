import { createPublicKey, diffieHellman, type KeyObject } from 'node:crypto'
import type { KeyPair } from './key-pair.ts'
import { inThreadPool } from './thread-pool.ts'

/** By OpenSSL's names of the curves. */
const COORDINATE_BYTES: ReadonlyMap<string | undefined, number> = new Map([
  ['prime256v1', 32],
  ['secp384r1', 48],
  ['secp521r1', 66],
])

/**
 * The public half that another party has given, as a point on the same curve as `pair`; null where it is not.
 *
 * Only a named curve and an uncompressed point are read: whatever stands before the point must be what stands there
 * in our own key. That keeps out curves that are spelled out, and with them points that would give our key away.
 */
export function readPeer({ publicKey, spki }: KeyPair, peer: Uint8Array): KeyObject | null {
  const coordinates = 2 * (COORDINATE_BYTES.get(publicKey.asymmetricKeyDetails?.namedCurve) ?? 0)
  const header = spki.subarray(0, spki.length - coordinates)
  if (peer.length !== spki.length || !header.equals(peer.subarray(0, header.length))) return null
  try {
    // OpenSSL refuses a point that is not on the curve.
    return createPublicKey({ key: Buffer.from(peer), format: 'der', type: 'spki' })
  } catch {
    return null
  }
}

/** ECDH with cofactor 1 (SP 800-56A, section 5.7.1.2): the shared point's x, padded to the curve's length. */
export function agree({ privateKey }: KeyPair, peer: KeyObject): Promise<Buffer> {
  return inThreadPool((done) => diffieHellman({ privateKey, publicKey: peer }, done))
}
