import {
  createPublicKey,
  generateKeyPairSync,
  hash,
  sign as signBytes,
  verify as verifyBytes,
  type KeyObject,
} from 'node:crypto'

const HASH = 'sha384'
const ENCODING = 'ieee-p1363'
/** OpenSSL's name of P-384. */
const CURVE = 'secp384r1'

/** A new ECDSA key on P-384 (FIPS 186-5). The public half is SPKI in DER. */
export function generateSigningKey(): { privateKey: KeyObject; publicKey: Buffer } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  return { privateKey, publicKey: publicKey.export({ format: 'der', type: 'spki' }) }
}

/** The name of a public key: the SHA-256 of its SPKI, in hex. */
export function fingerprint(publicKey: Uint8Array): string {
  return hash('sha256', publicKey)
}

/** Signs with ECDSA and SHA-384; 96 bytes, r and s. */
export function sign(privateKey: KeyObject, bytes: Uint8Array): Buffer {
  return signBytes(HASH, bytes, { key: privateKey, dsaEncoding: ENCODING })
}

/** Says whether a signature is good. Whatever cannot be read is not, nor is one by a key of another kind. */
export function verify(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' })
    if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== CURVE) return false
    return verifyBytes(HASH, bytes, { key, dsaEncoding: ENCODING }, signature)
  } catch {
    return false
  }
}
