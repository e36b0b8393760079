/** How a signing algorithm of KMS works: what it hashes with, and how long what is given in place of a message is. */
export type SignatureScheme =
  | { readonly kind: 'pkcs1' | 'pss' | 'ecdsa'; readonly hash: 'sha256' | 'sha384' | 'sha512'; readonly bytes: number }
  | { readonly kind: 'ed25519' }
  | { readonly kind: 'ed25519ph' | 'ml-dsa'; readonly bytes: number }

const SHA_256 = { hash: 'sha256', bytes: 32 } as const
const SHA_384 = { hash: 'sha384', bytes: 48 } as const
const SHA_512 = { hash: 'sha512', bytes: 64 } as const

/**
 * KMS's signing algorithms: PKCS#1 v1.5 and PSS (RFC 8017; the salt is as long as the hash), ECDSA (FIPS 186-5),
 * Ed25519 and Ed25519ph (RFC 8032), and ML-DSA (FIPS 204). Contexts are empty.
 */
const SCHEMES: ReadonlyMap<string, SignatureScheme> = new Map<string, SignatureScheme>([
  ['RSASSA_PKCS1_V1_5_SHA_256', { kind: 'pkcs1', ...SHA_256 }],
  ['RSASSA_PKCS1_V1_5_SHA_384', { kind: 'pkcs1', ...SHA_384 }],
  ['RSASSA_PKCS1_V1_5_SHA_512', { kind: 'pkcs1', ...SHA_512 }],
  ['RSASSA_PSS_SHA_256', { kind: 'pss', ...SHA_256 }],
  ['RSASSA_PSS_SHA_384', { kind: 'pss', ...SHA_384 }],
  ['RSASSA_PSS_SHA_512', { kind: 'pss', ...SHA_512 }],
  ['ECDSA_SHA_256', { kind: 'ecdsa', ...SHA_256 }],
  ['ECDSA_SHA_384', { kind: 'ecdsa', ...SHA_384 }],
  ['ECDSA_SHA_512', { kind: 'ecdsa', ...SHA_512 }],
  ['ED25519_SHA_512', { kind: 'ed25519' }],
  ['ED25519_PH_SHA_512', { kind: 'ed25519ph', bytes: 64 }],
  ['ML_DSA_SHAKE_256', { kind: 'ml-dsa', bytes: 64 }],
])

/** The scheme behind KMS's name of an algorithm. */
export function signatureScheme(algorithm: string): SignatureScheme {
  const scheme = SCHEMES.get(algorithm)
  if (scheme === undefined) throw new Error(`INVARIANT: ${algorithm} is a signing algorithm`)
  return scheme
}
