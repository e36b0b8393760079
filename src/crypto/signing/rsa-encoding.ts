/**
 * How RSA signatures hold a digest (RFC 8017, section 9). Nothing here is secret: whoever has the public key and the
 * signature can undo it.
 */
import { hash as hashBytes, randomBytes } from 'node:crypto'
import { uint32 } from '../canonical.ts'

type Hash = 'sha256' | 'sha384' | 'sha512'

/** What stands before the digest in a DigestInfo (RFC 8017, section 9.2, note 1). */
const DIGEST_INFO: Readonly<Record<Hash, string>> = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
}
const PSS_TRAILER = 0xbc
/** The modulus has a multiple of eight bits, and the encoding one bit less. */
const TOP_BIT = 0x80

/** EMSA-PKCS1-v1_5, for a modulus of so many bytes. */
export function encodePkcs1(hash: Hash, digest: Uint8Array, bytes: number): Buffer {
  const info = Buffer.concat([Buffer.from(DIGEST_INFO[hash], 'hex'), digest])
  const padding = Buffer.from(new ArrayBuffer(bytes - info.length - 3)).fill(0xff)
  return Buffer.concat([Buffer.of(0, 1), padding, Buffer.of(0), info])
}

/** EMSA-PSS with a salt as long as the hash, for a modulus of so many bytes. */
export function encodePss(hash: Hash, digest: Uint8Array, bytes: number): Buffer {
  const salt = randomBytes(digest.length)
  const h = hashOfPss(hash, digest, salt)
  const zeros = new Uint8Array(bytes - salt.length - h.length - 2)
  const masked = mask(Buffer.concat([zeros, Buffer.of(1), salt]), hash, h)
  return Buffer.concat([masked, h, Buffer.of(PSS_TRAILER)])
}

/** EMSA-PSS's verification: says whether `encoded` holds that digest, and a salt as long as the hash. */
export function isPssOf(hash: Hash, digest: Uint8Array, encoded: Buffer): boolean {
  const end = encoded.length - digest.length - 1
  if (encoded.at(-1) !== PSS_TRAILER || ((encoded[0] ?? TOP_BIT) & TOP_BIT) !== 0) return false
  const h = encoded.subarray(end, -1)
  const block = mask(encoded.subarray(0, end), hash, h)
  const salt = block.subarray(-digest.length)
  const before = block.subarray(0, -digest.length)
  const isPadded = before.at(-1) === 1 && before.subarray(0, -1).every((byte) => byte === 0)
  return isPadded && hashOfPss(hash, digest, salt).equals(h)
}

function hashOfPss(hash: Hash, digest: Uint8Array, salt: Uint8Array): Buffer {
  return hashBytes(hash, Buffer.concat([new Uint8Array(8), digest, salt]), 'buffer')
}

/** Adds MGF1's mask, or takes it off; the top bit is not the encoding's. */
function mask(block: Uint8Array, hash: Hash, seed: Uint8Array): Buffer {
  const parts: Buffer[] = []
  for (let counter = 0, length = 0; length < block.length; counter += 1) {
    const part = hashBytes(hash, Buffer.concat([seed, uint32(counter)]), 'buffer')
    parts.push(part)
    length += part.length
  }
  const generated = Buffer.concat(parts)
  const masked = Buffer.from(block.map((byte, index) => byte ^ (generated[index] ?? 0)))
  masked.writeUInt8(masked.readUInt8(0) & ~TOP_BIT & 0xff, 0)
  return masked
}
