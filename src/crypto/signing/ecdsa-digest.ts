/**
 * ECDSA over a digest that was made elsewhere. Node signs only what it hashes itself, and the part of ECDSA that must
 * never go wrong, the secret nonce, shall stay where it is well done: in OpenSSL.
 *
 * For a private key d and digests e and h, a signature (r, t) of h by the key d·h/e satisfies t = (h + r·d·h/e)/k, so
 * that t·e/h = (e + r·d)/k: (r, t·e/h) is a signature of e by d. So a fixed message with digest h is signed by OpenSSL
 * with the key d·h/e, and the result is scaled with what is public. Verification goes the same way back. All but d
 * and its multiple is public; d is multiplied in constant time, in memory that is wiped.
 */
import { createPrivateKey, createPublicKey, hash as hashBytes, sign, verify, type KeyObject } from 'node:crypto'
import { decodeEcdsa, encodeEcdsa } from './ecdsa-encoding.ts'
import { fromBytes, inverse, multiplySecret, toBytes } from './modular.ts'

type Hash = 'sha256' | 'sha384' | 'sha512'

interface Curve {
  /** The order of the group (SEC 2, FIPS 186-5). */
  readonly order: bigint
  /** The bytes of a scalar. */
  readonly bytes: number
  /** The curve's object identifier in DER. */
  readonly oid: string
}

/** By OpenSSL's names. */
const CURVES: ReadonlyMap<string, Curve> = new Map([
  [
    'prime256v1',
    {
      order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
      bytes: 32,
      oid: '06082a8648ce3d030107',
    },
  ],
  [
    'secp384r1',
    {
      order: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
      bytes: 48,
      oid: '06052b81040022',
    },
  ],
  [
    'secp521r1',
    {
      order:
        // oxfmt-ignore
        0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
      bytes: 66,
      oid: '06052b81040023',
    },
  ],
  [
    'secp256k1',
    {
      order: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
      bytes: 32,
      oid: '06052b8104000a',
    },
  ],
])

/** The message that OpenSSL signs in the place of the digest. */
const FIXED = Buffer.of()

/** Signs a digest; null where it is nothing but zeros modulo the order, for which anybody could forge a signature. */
export function signEcdsaDigest(privateKey: KeyObject, hash: Hash, digest: Uint8Array): Buffer | null {
  const curve = curveOf(privateKey)
  const ratio = ratioOf(curve, hash, digest)
  if (ratio === null) return null
  const scaled = scale(privateKey, curve, ratio.up)
  const signature = sign(hash, FIXED, { key: scaled, dsaEncoding: 'ieee-p1363' })
  const r = fromBytes(signature.subarray(0, curve.bytes))
  const t = fromBytes(signature.subarray(curve.bytes))
  return encodeEcdsa(r, (t * ratio.down) % curve.order)
}

/** Says whether a signature in DER is good for a digest. */
export function verifyEcdsaDigest(
  privateKey: KeyObject,
  hash: Hash,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  const curve = curveOf(privateKey)
  const ratio = ratioOf(curve, hash, digest)
  const parts = decodeEcdsa(signature)
  if (ratio === null || parts === null) return false
  const { r, s } = parts
  if (r === 0n || s === 0n || r >= curve.order || s >= curve.order) return false
  const t = (s * ratio.up) % curve.order
  const scaled = Buffer.concat([toBytes(r, curve.bytes), toBytes(t, curve.bytes)])
  const publicKey = createPublicKey(scale(privateKey, curve, ratio.up))
  return verify(hash, FIXED, { key: publicKey, dsaEncoding: 'ieee-p1363' }, scaled)
}

function curveOf({ asymmetricKeyDetails }: KeyObject): Curve {
  const curve = CURVES.get(asymmetricKeyDetails?.namedCurve ?? '')
  if (curve === undefined) throw new Error('INVARIANT: ECDSA keys are on a curve of the table')
  return curve
}

/** h/e and e/h; no digest of KMS is longer than its curve's order, so that none is cut. */
function ratioOf({ order }: Curve, hash: Hash, digest: Uint8Array): { up: bigint; down: bigint } | null {
  const e = fromBytes(digest) % order
  const h = fromBytes(hashBytes(hash, FIXED, 'buffer')) % order
  if (e === 0n) return null
  return { up: (h * inverse(e, order)) % order, down: (e * inverse(h, order)) % order }
}

/** The private key multiplied by a public factor. */
function scale(privateKey: KeyObject, { order, bytes, oid }: Curve, factor: bigint): KeyObject {
  const der = privateKey.export({ format: 'der', type: 'sec1' })
  const product = Buffer.from(new ArrayBuffer(bytes))
  const parameters = Buffer.from(oid, 'hex')
  // ECPrivateKey (RFC 5915): SEQUENCE { 1, OCTET STRING, [0] curve }. OpenSSL works the public half out.
  const head = Buffer.of(0x30, 5 + bytes + 2 + parameters.length, 0x02, 0x01, 0x01, 0x04, bytes)
  const scaled = Buffer.from(new ArrayBuffer(head.length + bytes + 2 + parameters.length))
  try {
    const start = secretOffset(der, bytes)
    multiplySecret(der.subarray(start, start + bytes), factor, order, product)
    scaled.set(head)
    scaled.set(product, head.length)
    scaled.set([0xa0, parameters.length], head.length + bytes)
    scaled.set(parameters, head.length + bytes + 2)
    return createPrivateKey({ key: scaled, format: 'der', type: 'sec1' })
  } finally {
    for (const buffer of [der, product, scaled]) buffer.fill(0)
  }
}

/** Where the scalar begins in an ECPrivateKey. */
function secretOffset(der: Buffer, bytes: number): number {
  const length = der.readUInt8(1)
  const start = 2 + (length < 0x80 ? 0 : length & 0x7f)
  const isExpected = der.readUIntBE(start, 3) === 0x020101 && der.readUInt16BE(start + 3) === 0x0400 + bytes
  if (!isExpected) throw new Error('INVARIANT: a private key has the length of its curve')
  return start + 5
}
