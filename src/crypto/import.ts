import {
  createECDH,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto'
import { der, INTEGER, OCTET_STRING, readDer, SEQUENCE } from './der.ts'
import { materialOfPrivateKey, type KeyPair, type KeyPairRecipe } from './key-pair.ts'
import { unwrapPadded } from './key-wrap.ts'
import type { Recipe } from './material.ts'
import { decryptOaep } from './oaep.ts'

/** How material is wrapped on its way in: RSA-OAEP alone, or around an AES key that wraps it (PKCS #11, CKM_RSA_AES_KEY_WRAP). */
export type WrappingAlgorithm =
  | 'RSAES_OAEP_SHA_1'
  | 'RSAES_OAEP_SHA_256'
  | 'RSA_AES_KEY_WRAP_SHA_1'
  | 'RSA_AES_KEY_WRAP_SHA_256'

/** The hash with which RSA-OAEP is used in each. */
const OAEP_OF = {
  RSAES_OAEP_SHA_1: 'RSAES_OAEP_SHA_1',
  RSAES_OAEP_SHA_256: 'RSAES_OAEP_SHA_256',
  RSA_AES_KEY_WRAP_SHA_1: 'RSAES_OAEP_SHA_1',
  RSA_AES_KEY_WRAP_SHA_256: 'RSAES_OAEP_SHA_256',
} as const satisfies Record<WrappingAlgorithm, string>

/**
 * Unwraps material that somebody has wrapped under the public half of `pair`. The caller wipes it.
 *
 * @returns null for whatever does not unwrap; why, nobody is told
 */
export async function unwrapMaterialFor(
  pair: KeyPair,
  algorithm: WrappingAlgorithm,
  wrapped: Buffer,
): Promise<Buffer | null> {
  const oaep = OAEP_OF[algorithm]
  if (oaep === algorithm) return decryptOaep(pair, oaep, wrapped)
  const modulusBytes = (pair.publicKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8
  const kek = await decryptOaep(pair, oaep, wrapped.subarray(0, modulusBytes))
  if (kek === null) return null
  try {
    return [16, 24, 32].includes(kek.length) ? unwrapPadded(createSecretKey(kek), wrapped.subarray(modulusBytes)) : null
  } finally {
    kek.fill(0)
  }
}

/** What comes in is not what the key is made of. Its message says what was expected, and nothing of the bytes. */
export class UnfitMaterialError extends Error {}

/** The largest secret of an HMAC key, in bytes (AWS KMS Developer Guide, "Importing key material"). */
const MAX_HMAC_BYTES = 128

/**
 * Reads unwrapped material for a key: raw bytes for a key with one secret, PKCS#8 in DER for a key pair.
 *
 * A private key is written anew, so that one key is one material however it was written.
 *
 * @throws UnfitMaterialError
 */
export async function readMaterial(recipe: Recipe, isMac: boolean, bytes: Uint8Array): Promise<KeyObject> {
  if (recipe.type !== 'secret') return readPrivateKey(recipe, bytes)
  const max = isMac ? MAX_HMAC_BYTES : recipe.bytes
  if (bytes.length < recipe.bytes || bytes.length > max) {
    const expected = isMac ? `${recipe.bytes} to ${max} bytes` : `${max} bytes`
    throw new UnfitMaterialError(`The key material has ${bytes.length} bytes. A key of that spec takes ${expected}.`)
  }
  return createSecretKey(bytes)
}

async function readPrivateKey(recipe: KeyPairRecipe, bytes: Uint8Array): Promise<KeyObject> {
  const privateKey = parsePkcs8(bytes)
  requireKind(recipe, privateKey)
  await requireWhole(privateKey)
  return recipe.type === 'ec' ? rewriteElliptic(privateKey) : materialOfPrivateKey(privateKey)
}

const BIT_STRING = 0x03
/** `[1]`, constructed: the public half in RFC 5915. */
const PUBLIC_KEY = 0xa1
const ELLIPTIC_OID = Buffer.from('06072a8648ce3d0201', 'hex')

/**
 * Writes an elliptic private key in the one form that has no choices (RFC 5915 in RFC 5958): OpenSSL keeps whether the
 * public half is there and how its point is compressed.
 */
function rewriteElliptic(privateKey: KeyObject): KeyObject {
  const curve = privateKey.asymmetricKeyDetails?.namedCurve ?? ''
  const sec1 = privateKey.export({ format: 'der', type: 'sec1' })
  const [sequence] = readDer(sec1)
  const [, scalar] = readDer(sequence?.content ?? sec1)
  if (scalar === undefined) throw new Error('INVARIANT: an elliptic private key has a scalar')
  const pair = createECDH(curve)
  pair.setPrivateKey(scalar.content)
  const point = der(PUBLIC_KEY, der(BIT_STRING, Buffer.of(0), pair.getPublicKey()))
  const secret = der(OCTET_STRING, scalar.content)
  const body = der(SEQUENCE, der(INTEGER, Buffer.of(1)), secret, point)
  const octets = der(OCTET_STRING, body)
  const algorithm = der(SEQUENCE, ELLIPTIC_OID, CURVE_OIDS[curve] ?? Buffer.alloc(0))
  const pkcs8 = der(SEQUENCE, der(INTEGER, Buffer.of(0)), algorithm, octets)
  const material = createSecretKey(pkcs8)
  for (const bytes of [sec1, secret, body, octets, pkcs8]) bytes.fill(0)
  return material
}

function parsePkcs8(bytes: Uint8Array): KeyObject {
  try {
    return createPrivateKey({
      key: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
      format: 'der',
      type: 'pkcs8',
    })
  } catch {
    throw new UnfitMaterialError(
      'The key material is no private key as PKCS#8 in DER. With OpenSSL: `openssl pkcs8 -topk8 -nocrypt -outform DER`.',
    )
  }
}

const CURVES: Readonly<Record<string, string>> = {
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
  secp256k1: 'secp256k1',
}

const CURVE_OIDS: Readonly<Record<string, Buffer>> = {
  prime256v1: Buffer.from('06082a8648ce3d030107', 'hex'),
  secp384r1: Buffer.from('06052b81040022', 'hex'),
  secp521r1: Buffer.from('06052b81040023', 'hex'),
  secp256k1: Buffer.from('06052b8104000a', 'hex'),
}

function requireKind(recipe: KeyPairRecipe, key: KeyObject): void {
  const { modulusLength, namedCurve, publicExponent = 0n } = key.asymmetricKeyDetails ?? {}
  const found = [key.asymmetricKeyType, modulusLength ?? namedCurve].filter(Boolean).join(' ')
  const isFit =
    recipe.type === 'rsa'
      ? key.asymmetricKeyType === 'rsa' && modulusLength === recipe.bits
      : recipe.type === 'ec'
        ? key.asymmetricKeyType === 'ec' && namedCurve === CURVES[recipe.curve]
        : key.asymmetricKeyType === recipe.type
  if (!isFit) throw new UnfitMaterialError(`The key material is a private key of another kind than the key: ${found}.`)
  // FIPS 186-5, appendix A.1.1: odd, and between 2^16 and 2^256.
  if (
    recipe.type === 'rsa' &&
    (publicExponent <= 65_536n || publicExponent >= 2n ** 256n || publicExponent % 2n === 0n)
  ) {
    throw new UnfitMaterialError('The public exponent of the RSA key must be odd and between 2^16 and 2^256.')
  }
}

/** What is signed and verified to see that the halves of a key belong together. */
const PROBE = Buffer.from('kms/import/v1')

/** Refuses a private key whose halves contradict each other (FIPS 140-3 calls it the pair-wise consistency test). */
async function requireWhole(privateKey: KeyObject): Promise<void> {
  const hash = privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256'
  const signature = await new Promise<Buffer | null>((resolve) =>
    sign(hash, PROBE, privateKey, (error, made) => resolve(error === null ? made : null)),
  )
  if (signature !== null && verify(hash, PROBE, createPublicKey(privateKey), signature)) return
  throw new UnfitMaterialError('The parts of the private key contradict each other.')
}
