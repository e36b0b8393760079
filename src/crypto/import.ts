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

/** A secret that is not as long as it must be: of the ways not to fit, the one that AWS tells apart. */
export class WrongSizeError extends UnfitMaterialError {}

/** The largest secret of an HMAC key, in bytes (AWS KMS Developer Guide, "Importing key material"). */
const MAX_HMAC_BYTES = 128

/**
 * Reads unwrapped material for a key: raw bytes for a key with one secret, PKCS#8 in DER for a key pair.
 *
 * A private key is written anew, so that one key is one material however it was written.
 *
 * @throws UnfitMaterialError, and of a secret WrongSizeError
 */
export async function readMaterial(recipe: Recipe, isMac: boolean, bytes: Uint8Array): Promise<KeyObject> {
  if (recipe.type !== 'secret') return readPrivateKey(recipe, bytes)
  const max = isMac ? MAX_HMAC_BYTES : recipe.bytes
  if (bytes.length < recipe.bytes || bytes.length > max) {
    const expected = isMac ? `${recipe.bytes} to ${max} bytes` : `${max} bytes`
    throw new WrongSizeError(`The key material has ${bytes.length} bytes. A key of that spec takes ${expected}.`)
  }
  return createSecretKey(bytes)
}

async function readPrivateKey(recipe: KeyPairRecipe, bytes: Uint8Array): Promise<KeyObject> {
  const privateKey = parsePkcs8(bytes)
  requireKind(recipe, privateKey)
  await requireWhole(privateKey)
  const elliptic = recipe.type === 'ec' ? CURVES.get(recipe.curve) : undefined
  return elliptic === undefined ? materialOfPrivateKey(privateKey) : rewriteElliptic(privateKey, elliptic)
}

const BIT_STRING = 0x03
/** `[1]`, constructed: the public half in RFC 5915. */
const PUBLIC_KEY = 0xa1
/** An elliptic curve as OpenSSL names it, and its object identifier in DER. */
interface Curve {
  readonly name: string
  readonly oid: Buffer
}

const curve = (name: string, oid: string): Curve => ({ name, oid: Buffer.from(oid, 'hex') })

/** By the names that recipes have for them. */
const CURVES: ReadonlyMap<string, Curve> = new Map([
  ['P-256', curve('prime256v1', '06082a8648ce3d030107')],
  ['P-384', curve('secp384r1', '06052b81040022')],
  ['P-521', curve('secp521r1', '06052b81040023')],
  ['secp256k1', curve('secp256k1', '06052b8104000a')],
])

const ELLIPTIC_OID = Buffer.from('06072a8648ce3d0201', 'hex')

/**
 * Writes an elliptic private key in the one form that has no choices (RFC 5915 in RFC 5958): OpenSSL keeps whether the
 * public half is there and how its point is compressed.
 */
function rewriteElliptic(privateKey: KeyObject, { name, oid }: Curve): KeyObject {
  const sec1 = privateKey.export({ format: 'der', type: 'sec1' })
  const secrets: Buffer[] = [sec1]
  const secret = (...of: Parameters<typeof der>): Buffer => {
    const written = der(...of)
    secrets.push(written)
    return written
  }
  try {
    const [sequence] = readDer(sec1)
    const [, scalar] = readDer(sequence?.content ?? sec1)
    if (scalar === undefined) throw new Error('INVARIANT: an elliptic private key has a scalar')
    const pair = createECDH(name)
    pair.setPrivateKey(scalar.content)
    const point = der(PUBLIC_KEY, der(BIT_STRING, Buffer.of(0), pair.getPublicKey()))
    const body = secret(SEQUENCE, der(INTEGER, Buffer.of(1)), secret(OCTET_STRING, scalar.content), point)
    const algorithm = der(SEQUENCE, ELLIPTIC_OID, oid)
    return createSecretKey(secret(SEQUENCE, der(INTEGER, Buffer.of(0)), algorithm, secret(OCTET_STRING, body)))
  } finally {
    for (const bytes of secrets) bytes.fill(0)
  }
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

function requireKind(recipe: KeyPairRecipe, key: KeyObject): void {
  const { modulusLength, namedCurve, publicExponent = 0n } = key.asymmetricKeyDetails ?? {}
  const found = [key.asymmetricKeyType, modulusLength ?? namedCurve].filter(Boolean).join(' ')
  const isFit =
    recipe.type === 'rsa'
      ? key.asymmetricKeyType === 'rsa' && modulusLength === recipe.bits
      : recipe.type === 'ec'
        ? key.asymmetricKeyType === 'ec' && namedCurve === CURVES.get(recipe.curve)?.name
        : key.asymmetricKeyType === ('set' in recipe ? `${recipe.type}-${recipe.set}` : recipe.type)
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
  const kind = privateKey.asymmetricKeyType ?? ''
  // It is a seed, of which both halves are made.
  if (kind.startsWith('ml-kem')) return
  const hash = kind === 'ed25519' || kind.startsWith('ml-dsa') ? null : 'sha256'
  const signature = await new Promise<Buffer | null>((resolve) =>
    sign(hash, PROBE, privateKey, (error, made) => resolve(error === null ? made : null)),
  )
  if (signature !== null && verify(hash, PROBE, createPublicKey(privateKey), signature)) return
  throw new UnfitMaterialError('The parts of the private key contradict each other.')
}
