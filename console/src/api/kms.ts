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

interface Paged {
  readonly Truncated?: boolean
  readonly NextMarker?: string
}

/** What operations answer, as far as the console reads it. */
export interface KmsAnswers {
  readonly ListKeys: Paged & { readonly Keys: readonly { readonly KeyId: string; readonly KeyArn: string }[] }
  readonly ListAliases: Paged & { readonly Aliases: readonly Alias[] }
  readonly DescribeKey: { readonly KeyMetadata: KeyMetadata }
}
