/** Every key spec that AWS KMS names outside China, in the order of the API's model. */
export const AWS_KEY_SPECS = [
  'RSA_2048',
  'RSA_3072',
  'RSA_4096',
  'ECC_NIST_P256',
  'ECC_NIST_P384',
  'ECC_NIST_P521',
  'ECC_SECG_P256K1',
  'SYMMETRIC_DEFAULT',
  'HMAC_224',
  'HMAC_256',
  'HMAC_384',
  'HMAC_512',
  'ML_DSA_44',
  'ML_DSA_65',
  'ML_DSA_87',
  'ML_KEM_512',
  'ML_KEM_768',
  'ML_KEM_1024',
  'ECC_NIST_EDWARDS25519',
] as const

/** What a key is made of. */
export type KeySpec = (typeof AWS_KEY_SPECS)[number]

/** Every use of a key that AWS KMS names, in the order of the API's model. */
export const KEY_USAGES = [
  'SIGN_VERIFY',
  'ENCRYPT_DECRYPT',
  'GENERATE_VERIFY_MAC',
  'KEY_AGREEMENT',
  'ENCAPSULATE_DECAPSULATE',
] as const

/** What a key is for. */
export type KeyUsage = (typeof KEY_USAGES)[number]

/** Where a key's material comes from. */
export type KeyOrigin = 'AWS_KMS' | 'EXTERNAL'

/** How material is made: so many random bytes, or a key pair. */
export type MaterialRecipe =
  | { readonly type: 'secret'; readonly bytes: number }
  | { readonly type: 'rsa'; readonly bits: number }
  | { readonly type: 'ec'; readonly curve: 'P-256' | 'P-384' | 'P-521' | 'secp256k1' }
  | { readonly type: 'ed25519' }
  | { readonly type: 'ml-dsa'; readonly set: 44 | 65 | 87 }
  | { readonly type: 'ml-kem'; readonly set: 512 | 768 | 1024 }

/** Everything that follows from a key spec, in one row. */
export interface KeySpecRow {
  readonly recipe: MaterialRecipe
  /** The algorithms of each usage that the spec can be for, in the order in which DescribeKey lists them. */
  readonly algorithms: { readonly [Usage in KeyUsage]?: readonly string[] }
  /** Only symmetric encryption keys can be rotated, and tell the ids of their materials. */
  readonly rotatable: boolean
  /** Whether a key of that spec can be made without material, to be given its own from outside. */
  readonly importable: boolean
}

const RSA_SIGNING = [
  'RSASSA_PKCS1_V1_5_SHA_256',
  'RSASSA_PKCS1_V1_5_SHA_384',
  'RSASSA_PKCS1_V1_5_SHA_512',
  'RSASSA_PSS_SHA_256',
  'RSASSA_PSS_SHA_384',
  'RSASSA_PSS_SHA_512',
]

function rsa(bits: number): KeySpecRow {
  const algorithms = { ENCRYPT_DECRYPT: ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'], SIGN_VERIFY: RSA_SIGNING }
  return { recipe: { type: 'rsa', bits }, algorithms, rotatable: false, importable: true }
}

function nist(curve: 'P-256' | 'P-384' | 'P-521', signing: string): KeySpecRow {
  const algorithms = { SIGN_VERIFY: [signing], KEY_AGREEMENT: ['ECDH'] }
  return { recipe: { type: 'ec', curve }, algorithms, rotatable: false, importable: true }
}

function signing(recipe: MaterialRecipe, ...algorithms: readonly string[]): KeySpecRow {
  return { recipe, algorithms: { SIGN_VERIFY: algorithms }, rotatable: false, importable: recipe.type !== 'ml-dsa' }
}

function hmac(bits: 224 | 256 | 384 | 512): KeySpecRow {
  const algorithms = { GENERATE_VERIFY_MAC: [`HMAC_SHA_${bits}`] }
  return { recipe: { type: 'secret', bytes: bits / 8 }, algorithms, rotatable: false, importable: true }
}

function kem(set: 512 | 768 | 1024): KeySpecRow {
  const algorithms = { ENCAPSULATE_DECAPSULATE: ['ML_KEM'] }
  return { recipe: { type: 'ml-kem', set }, algorithms, rotatable: false, importable: false }
}

/** THE table of key specs (AWS KMS Developer Guide, "Key spec reference"). SM2 is for China and not here. */
export const KEY_SPECS: Readonly<Record<KeySpec, KeySpecRow>> = {
  RSA_2048: rsa(2048),
  RSA_3072: rsa(3072),
  RSA_4096: rsa(4096),
  ECC_NIST_P256: nist('P-256', 'ECDSA_SHA_256'),
  ECC_NIST_P384: nist('P-384', 'ECDSA_SHA_384'),
  ECC_NIST_P521: nist('P-521', 'ECDSA_SHA_512'),
  ECC_SECG_P256K1: signing({ type: 'ec', curve: 'secp256k1' }, 'ECDSA_SHA_256'),
  SYMMETRIC_DEFAULT: {
    recipe: { type: 'secret', bytes: 32 },
    algorithms: { ENCRYPT_DECRYPT: ['SYMMETRIC_DEFAULT'] },
    rotatable: true,
    importable: true,
  },
  HMAC_224: hmac(224),
  HMAC_256: hmac(256),
  HMAC_384: hmac(384),
  HMAC_512: hmac(512),
  ML_DSA_44: signing({ type: 'ml-dsa', set: 44 }, 'ML_DSA_SHAKE_256'),
  ML_DSA_65: signing({ type: 'ml-dsa', set: 65 }, 'ML_DSA_SHAKE_256'),
  ML_DSA_87: signing({ type: 'ml-dsa', set: 87 }, 'ML_DSA_SHAKE_256'),
  ML_KEM_512: kem(512),
  ML_KEM_768: kem(768),
  ML_KEM_1024: kem(1024),
  ECC_NIST_EDWARDS25519: signing({ type: 'ed25519' }, 'ED25519_PH_SHA_512', 'ED25519_SHA_512'),
}

/** The algorithms that a key can be used with; empty where the spec is not for that usage. */
export function algorithmsOf({ spec, usage }: { readonly spec: KeySpec; readonly usage: KeyUsage }): readonly string[] {
  return KEY_SPECS[spec].algorithms[usage] ?? []
}

/** Says whether keys of a spec have a public half. */
export function isAsymmetric(spec: KeySpec): boolean {
  return KEY_SPECS[spec].recipe.type !== 'secret'
}

/** What keys of a spec can be for. */
export function usagesOf(spec: KeySpec): readonly KeyUsage[] {
  return KEY_USAGES.filter((usage) => KEY_SPECS[spec].algorithms[usage] !== undefined)
}
