import { askJson, type Asking } from './client.ts'

const KMS = { service: 'kms', target: 'TrentService' }

/** Asks an operation of KMS, by its name and members as AWS has them. @throws ApiError */
export function kms<Operation extends keyof KmsAnswers>(
  asking: Asking,
  operation: Operation,
  input: object = {},
): Promise<KmsAnswers[Operation]> {
  return askJson<KmsAnswers[Operation]>(asking, KMS, operation, input)
}

/** A key, as DescribeKey tells of it. */
export interface KeyMetadata {
  readonly AWSAccountId: string
  readonly KeyId: string
  readonly Arn: string
  /** In seconds since 1970, as all times are. */
  readonly CreationDate: number
  readonly Enabled: boolean
  readonly Description: string
  readonly KeyUsage: string
  readonly KeyState: string
  readonly DeletionDate?: number
  readonly PendingDeletionWindowInDays?: number
  readonly ValidTo?: number
  readonly Origin: string
  readonly ExpirationModel?: string
  readonly KeyManager: 'AWS' | 'CUSTOMER'
  readonly KeySpec: string
  readonly EncryptionAlgorithms?: readonly string[]
  readonly SigningAlgorithms?: readonly string[]
  readonly KeyAgreementAlgorithms?: readonly string[]
  readonly MacAlgorithms?: readonly string[]
  readonly MultiRegion: boolean
  readonly MultiRegionConfiguration?: MultiRegionConfiguration
  readonly CurrentKeyMaterialId?: string
}

/** A multi-Region key and where its other halves are. */
export interface MultiRegionConfiguration {
  readonly MultiRegionKeyType: 'PRIMARY' | 'REPLICA'
  readonly PrimaryKey: KeyInRegion
  readonly ReplicaKeys: readonly KeyInRegion[]
}

export interface KeyInRegion {
  readonly Arn: string
  readonly Region: string
}

export interface Alias {
  readonly AliasName: string
  readonly AliasArn: string
  readonly TargetKeyId?: string
}

export interface Tag {
  readonly TagKey: string
  readonly TagValue: string
}

/** A grant, as ListGrants tells of it. */
export interface Grant {
  readonly GrantId: string
  readonly Name?: string
  readonly GranteePrincipal?: string
  readonly GranteeServicePrincipal?: string
  readonly RetiringPrincipal?: string
  readonly IssuingAccount: string
  readonly CreationDate: number
  readonly Operations: readonly string[]
  readonly Constraints?: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** A material that a key has, or has had. */
export interface Rotation {
  readonly KeyMaterialId?: string
  readonly RotationDate?: number
  readonly RotationType?: string
  readonly KeyMaterialState?: string
  readonly KeyMaterialDescription?: string
  readonly ImportState?: string
  readonly ValidTo?: number
}

export interface RotationStatus {
  readonly KeyRotationEnabled: boolean
  /** While a rotation that was asked for is under way. */
  readonly OnDemandRotationStartDate?: number
  readonly RotationPeriodInDays?: number
  readonly NextRotationDate?: number
}

/** When a key was last used in a Region, and since when that is known. */
export interface KeyLastUsage {
  readonly KeyLastUsage: { readonly Operation?: string; readonly Timestamp?: number }
  readonly TrackingStartDate: number
}

interface Paged {
  readonly Truncated?: boolean
  readonly NextMarker?: string
}

/** What operations answer, as far as the console reads it. */
export interface KmsAnswers {
  readonly CancelKeyDeletion: object
  readonly CreateAlias: object
  readonly CreateGrant: object
  readonly CreateKey: { readonly KeyMetadata: KeyMetadata }
  readonly DeleteAlias: object
  readonly DeleteImportedKeyMaterial: object
  readonly DescribeKey: { readonly KeyMetadata: KeyMetadata }
  readonly DisableKey: object
  readonly DisableKeyRotation: object
  readonly EnableKey: object
  readonly EnableKeyRotation: object
  readonly GetKeyLastUsage: KeyLastUsage
  readonly GetKeyPolicy: { readonly Policy: string }
  readonly GetKeyRotationStatus: RotationStatus
  /** Bytes are in Base64. */
  readonly GetParametersForImport: { readonly ImportToken: string; readonly PublicKey: string }
  readonly GetPublicKey: { readonly PublicKey: string }
  readonly ImportKeyMaterial: object
  readonly ListAliases: Paged & { readonly Aliases: readonly Alias[] }
  readonly ListGrants: Paged & { readonly Grants: readonly Grant[] }
  readonly ListKeyRotations: Paged & { readonly Rotations: readonly Rotation[] }
  readonly ListKeys: Paged & { readonly Keys: readonly { readonly KeyId: string; readonly KeyArn: string }[] }
  readonly ListResourceTags: Paged & { readonly Tags: readonly Tag[] }
  readonly PutKeyPolicy: object
  readonly ReplicateKey: { readonly ReplicaKeyMetadata: KeyMetadata }
  readonly RevokeGrant: object
  readonly RotateKeyOnDemand: object
  readonly ScheduleKeyDeletion: object
  readonly TagResource: object
  readonly UntagResource: object
  readonly UpdateAlias: object
  readonly UpdateKeyDescription: object
  readonly UpdatePrimaryRegion: object
}
