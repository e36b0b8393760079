import type { Region } from '../../domain/region.ts'
import type { QuotaOf } from '../../kernel/throttle.ts'

/**
 * AWS's default request quotas, in requests a second of an account in a Region (AWS KMS Developer Guide, "Request
 * quotas", 2023). What is not listed there has none.
 */
const PER_SECOND: ReadonlyMap<string, number> = new Map(
  Object.entries({
    CancelKeyDeletion: 5,
    ConnectCustomKeyStore: 5,
    CreateAlias: 5,
    CreateCustomKeyStore: 5,
    CreateGrant: 50,
    CreateKey: 5,
    DeleteAlias: 15,
    DeleteCustomKeyStore: 5,
    DeleteImportedKeyMaterial: 5,
    DescribeCustomKeyStores: 5,
    DescribeKey: 2000,
    DisableKey: 5,
    DisableKeyRotation: 5,
    DisconnectCustomKeyStore: 5,
    EnableKey: 5,
    EnableKeyRotation: 15,
    GetKeyPolicy: 1000,
    GetKeyRotationStatus: 1000,
    GetParametersForImport: 0.25,
    GetPublicKey: 2000,
    ImportKeyMaterial: 5,
    ListAliases: 500,
    ListGrants: 100,
    ListKeyPolicies: 100,
    ListKeys: 500,
    ListResourceTags: 2000,
    ListRetirableGrants: 100,
    PutKeyPolicy: 15,
    ReplicateKey: 5,
    RetireGrant: 30,
    RevokeGrant: 30,
    ScheduleKeyDeletion: 15,
    TagResource: 10,
    UntagResource: 5,
    UpdateAlias: 5,
    UpdateCustomKeyStore: 5,
    UpdateKeyDescription: 5,
    UpdatePrimaryRegion: 5,
  }),
)

/** Operations that share one quota, whatever their keys. */
const SYMMETRIC: ReadonlySet<string> = new Set([
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateMac',
  'GenerateRandom',
  'ReEncrypt',
  'VerifyMac',
])
const SYMMETRIC_PER_SECOND = 5500
const SYMMETRIC_PER_SECOND_IN: Readonly<Partial<Record<Region, number>>> = {
  'us-east-1': 50_000,
  'us-west-2': 50_000,
  'eu-west-1': 50_000,
  'us-east-2': 10_000,
  'ap-southeast-1': 10_000,
  'ap-southeast-2': 10_000,
  'ap-northeast-1': 10_000,
  'eu-central-1': 10_000,
  'eu-west-2': 10_000,
}

/**
 * Operations that need a key pair. AWS has a quota for RSA and a lower one for elliptic curves. Which it is depends on
 * a key that is not looked for yet, for what is throttled shall cost nothing: here they share the one of RSA.
 */
const ASYMMETRIC: ReadonlySet<string> = new Set(['DeriveSharedSecret', 'Sign', 'Verify'])
const ASYMMETRIC_PER_SECOND = 500

/** Data key pairs, by their spec. */
const PAIRS_PER_SECOND: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ECC_NIST_P256: 25,
    ECC_SECG_P256K1: 25,
    ECC_NIST_P384: 10,
    ECC_NIST_P521: 5,
    RSA_2048: 1,
    RSA_3072: 0.5,
    RSA_4096: 0.1,
  }),
)

/** The request quota of an operation of KMS. */
export const kmsQuota: QuotaOf = (operation, { KeyPairSpec }, region) => {
  if (SYMMETRIC.has(operation)) {
    return { name: 'symmetric', perSecond: SYMMETRIC_PER_SECOND_IN[region] ?? SYMMETRIC_PER_SECOND }
  }
  if (ASYMMETRIC.has(operation)) return { name: 'asymmetric', perSecond: ASYMMETRIC_PER_SECOND }
  if (operation.startsWith('GenerateDataKeyPair')) {
    const perSecond = typeof KeyPairSpec === 'string' ? PAIRS_PER_SECOND.get(KeyPairSpec) : undefined
    return perSecond === undefined ? null : { name: `pairs of ${String(KeyPairSpec)}`, perSecond }
  }
  const perSecond = PER_SECOND.get(operation)
  return perSecond === undefined ? null : { name: operation, perSecond }
}
