import { keyArn } from '../../domain/arn.ts'
import { arnOf, type KeyRecord } from '../../domain/key.ts'
import { KEY_SPECS } from '../../domain/key-spec.ts'
import { keyState } from '../../domain/key-state.ts'
import { roleOf, type Family } from '../../domain/multi-region.ts'
import type { Region } from '../../domain/region.ts'

/** A key as `KeyMetadata` of AWS's API tells of it. A member that does not apply is absent. */
export function keyMetadata(key: KeyRecord) {
  const { deletion, family } = key
  return {
    AWSAccountId: key.account,
    KeyId: key.id,
    Arn: arnOf(key),
    CreationDate: new Date(key.createdAt),
    Enabled: key.enabled && deletion === null && family?.active !== false,
    Description: key.description,
    KeyUsage: key.usage,
    KeyState: keyState(key),
    DeletionDate: deletion !== null && deletion.at !== null ? new Date(deletion.at) : undefined,
    PendingDeletionWindowInDays: deletion?.at === null ? deletion.windowDays : undefined,
    Origin: key.origin,
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: key.spec,
    KeySpec: key.spec,
    EncryptionAlgorithms: KEY_SPECS[key.spec].encryptionAlgorithms,
    MultiRegion: family !== null,
    MultiRegionConfiguration: family === null ? undefined : multiRegionConfiguration(key, family),
    CurrentKeyMaterialId: family?.active === false ? undefined : (key.current ?? undefined),
  }
}

/** The same in every Region, but for the type. */
function multiRegionConfiguration({ account, id }: KeyRecord, family: Family) {
  const related = (region: Region) => ({ Arn: keyArn(region, account, id), Region: region })
  return {
    MultiRegionKeyType: roleOf(family) === 'REPLICA' ? 'REPLICA' : 'PRIMARY',
    PrimaryKey: related(family.primaryRegion),
    ReplicaKeys: family.replicaRegions.map(related),
  }
}
