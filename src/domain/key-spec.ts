/** What a key is made of. */
export type KeySpec = 'SYMMETRIC_DEFAULT'

/** What a key is for. */
export type KeyUsage = 'ENCRYPT_DECRYPT' | 'SIGN_VERIFY' | 'GENERATE_VERIFY_MAC' | 'KEY_AGREEMENT'

/** Where a key's material comes from. */
export type KeyOrigin = 'AWS_KMS'

/** Everything that follows from a key spec, in one row. */
export interface KeySpecRow {
  readonly usages: readonly KeyUsage[]
  /** In the order in which DescribeKey lists them. */
  readonly encryptionAlgorithms: readonly string[]
  /** Only symmetric encryption keys can be rotated. */
  readonly rotatable: boolean
}

/** THE table of key specs. A spec that is not here is refused by CreateKey. */
export const KEY_SPECS: Readonly<Record<KeySpec, KeySpecRow>> = {
  SYMMETRIC_DEFAULT: {
    usages: ['ENCRYPT_DECRYPT'],
    encryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    rotatable: true,
  },
}

/** Says whether this server can make a key of that spec. */
export function isKeySpec(spec: string): spec is KeySpec {
  return Object.hasOwn(KEY_SPECS, spec)
}

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
