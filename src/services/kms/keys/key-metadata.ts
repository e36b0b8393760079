import { keyArn } from '../../../domain/arn.ts'
import { awaitsImport, nextExpiry, withoutImports } from '../../../domain/imports.ts'
import { arnOf, stagedMaterial, type Imports, type KeyRecord } from '../../../domain/key.ts'
import { algorithmsOf, KEY_SPECS, type KeyUsage } from '../../../domain/key-spec.ts'
import { keyState } from '../../../domain/key-state.ts'
import { roleOf, type Family } from '../../../domain/multi-region.ts'
import type { Region } from '../../../domain/region.ts'

/** A key as `KeyMetadata` of AWS's API tells of it. A member that does not apply is absent. */
export function keyMetadata(key: KeyRecord) {
  const { deletion, family } = key
  return {
    AWSAccountId: key.account,
    KeyId: key.id,
    Arn: arnOf(key),
    CreationDate: new Date(key.createdAt),
    Enabled: key.enabled && deletion === null && family?.active !== false && !awaitsImport(key),
    Description: key.description,
    KeyUsage: key.usage,
    KeyState: keyState(key),
    DeletionDate: deletion !== null && deletion.at !== null ? new Date(deletion.at) : undefined,
    PendingDeletionWindowInDays: deletion?.at === null ? deletion.windowDays : undefined,
    Origin: key.origin,
    ...(key.imports !== undefined && !awaitsImport(key) && expiration(key, key.imports)),
    KeyManager: key.service === undefined ? 'CUSTOMER' : 'AWS',
    CustomerMasterKeySpec: key.spec,
    KeySpec: key.spec,
    ...algorithmMembers(key),
    MultiRegion: family !== null,
    MultiRegionConfiguration: family === null ? undefined : multiRegionConfiguration(key, family),
    CurrentKeyMaterialId:
      family?.active === false || !KEY_SPECS[key.spec].rotatable ? undefined : (key.current ?? undefined),
  }
}

/** When a key that has all it needs first lacks some of it: a material that waits is not needed. */
function expiration(key: KeyRecord, imports: Imports) {
  const waiting = stagedMaterial(key)?.id
  return expirationMembers(nextExpiry({ imports: withoutImports(imports, (id) => id !== waiting) }))
}

/** Until when a material stays, as AWS's API tells it. */
export function expirationMembers(expiresAt: number | null) {
  return expiresAt === null
    ? { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' }
    : { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: new Date(expiresAt) }
}

const MEMBERS = {
  SIGN_VERIFY: 'SigningAlgorithms',
  ENCRYPT_DECRYPT: 'EncryptionAlgorithms',
  GENERATE_VERIFY_MAC: 'MacAlgorithms',
  KEY_AGREEMENT: 'KeyAgreementAlgorithms',
  ENCAPSULATE_DECAPSULATE: 'EncapsulationAlgorithms',
} as const satisfies Record<KeyUsage, string>

/** The algorithms of a key under the member that belongs to its usage. */
export function algorithmMembers(key: Pick<KeyRecord, 'spec' | 'usage'>): Readonly<Record<string, readonly string[]>> {
  return { [MEMBERS[key.usage]]: algorithmsOf(key) }
}

/** The same in every Region, but for the type. */
function multiRegionConfiguration({ account, id }: KeyRecord, family: Family) {
  const related = (region: Region) => ({ Arn: keyArn(region, account, id), Region: region })
  return {
    MultiRegionKeyType: roleOf(family) === 'PRIMARY' ? 'PRIMARY' : 'REPLICA',
    PrimaryKey: related(family.primaryRegion),
    ReplicaKeys: family.replicaRegions.map(related),
  }
}
