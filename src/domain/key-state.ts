import { awaitsImport } from './imports.ts'
import type { KeyRecord } from './key.ts'
import { roleOf, type Family } from './multi-region.ts'

/** A key's state as AWS shows it. */
export type KeyState =
  | 'Enabled'
  | 'Disabled'
  | 'PendingDeletion'
  | 'PendingReplicaDeletion'
  | 'PendingImport'
  | 'Creating'
  | 'Updating'

/** The state that follows from a key's record. */
export function keyState(key: KeyRecord): KeyState {
  const { family, deletion } = key
  if (deletion !== null) return deletion.at === null ? 'PendingReplicaDeletion' : 'PendingDeletion'
  if (family !== null && !family.active) return 'Creating'
  // Whoever disables a key while its primary moves sees that it is done.
  if (isMoving(family)) return key.enabled ? 'Updating' : 'Disabled'
  if (awaitsImport(key)) return 'PendingImport'
  return key.enabled ? 'Enabled' : 'Disabled'
}

/** Says whether the authority over a key is on its way from here, or has come and not yet been let go there. */
function isMoving(family: Family | null): boolean {
  return roleOf(family) === 'HANDING_OFF' || (family?.authority ?? null)?.awaiting != null
}

/** Why an operation is refused on a key in its present state. */
export type StateRefusal =
  | 'disabled'
  | 'pending-deletion'
  | 'not-pending-deletion'
  | 'pending-import'
  | 'external-origin'
  | 'creating'
  | 'updating'

type Row = { readonly [State in Exclude<KeyState, 'Enabled' | 'PendingReplicaDeletion'>]?: StateRefusal } & {
  readonly Enabled?: StateRefusal
}

const USES: Row = {
  Disabled: 'disabled',
  PendingDeletion: 'pending-deletion',
  PendingImport: 'pending-import',
  Creating: 'creating',
}
/** What has no sense for imported material, as AWS's table says of keys that wait for it. */
const NOT_EXTERNAL: Row = { ...USES, PendingImport: 'external-origin' }
const CHANGES: Row = { PendingDeletion: 'pending-deletion' }
// AWS's table refuses these while Updating, which lasts seconds there. Here it lasts as long as two Regions cannot reach
// each other, and nobody is kept from stopping a key that long.
const SWITCHES: Row = {
  PendingDeletion: 'pending-deletion',
  PendingImport: 'pending-import',
  Creating: 'creating',
}
const ALWAYS: Row = {}

/**
 * AWS's table "Key states of KMS keys": an operation that is absent from a row's states is allowed in them.
 * PendingReplicaDeletion shares PendingDeletion's column, as in AWS's table.
 */
export const STATE_TABLE = {
  CancelKeyDeletion: {
    Enabled: 'not-pending-deletion',
    Disabled: 'not-pending-deletion',
    PendingImport: 'not-pending-deletion',
    Creating: 'not-pending-deletion',
    Updating: 'not-pending-deletion',
  },
  CreateAlias: CHANGES,
  CreateGrant: USES,
  Decapsulate: USES,
  Decrypt: USES,
  DeleteAlias: ALWAYS,
  DeleteImportedKeyMaterial: { Creating: 'creating', Updating: 'updating' },
  DeriveSharedSecret: USES,
  DescribeKey: ALWAYS,
  DisableKey: SWITCHES,
  DisableKeyRotation: NOT_EXTERNAL,
  EnableKey: SWITCHES,
  EnableKeyRotation: NOT_EXTERNAL,
  Encapsulate: USES,
  Encrypt: USES,
  GenerateDataKey: USES,
  GenerateDataKeyPair: USES,
  GenerateDataKeyPairWithoutPlaintext: USES,
  GenerateDataKeyWithoutPlaintext: USES,
  GenerateMac: USES,
  GetKeyPolicy: ALWAYS,
  GetKeyRotationStatus: ALWAYS,
  GetParametersForImport: { PendingDeletion: 'pending-deletion', Creating: 'creating', Updating: 'updating' },
  // AWS's table allows this while PendingImport. Without the private key there is no public one to show.
  GetPublicKey: { PendingDeletion: 'pending-deletion', PendingImport: 'pending-import', Creating: 'creating' },
  ImportKeyMaterial: { PendingDeletion: 'pending-deletion', Creating: 'creating' },
  ListGrants: ALWAYS,
  ListKeyPolicies: ALWAYS,
  ListKeyRotations: ALWAYS,
  ListResourceTags: ALWAYS,
  PutKeyPolicy: ALWAYS,
  ReEncrypt: USES,
  ReplicateKey: { ...USES, Updating: 'updating' },
  RetireGrant: ALWAYS,
  RevokeGrant: ALWAYS,
  RotateKeyOnDemand: USES,
  ScheduleKeyDeletion: { PendingDeletion: 'pending-deletion', Updating: 'updating' },
  Sign: USES,
  TagResource: CHANGES,
  UntagResource: CHANGES,
  UpdateAlias: CHANGES,
  UpdateKeyDescription: CHANGES,
  // AWS's table allows this while Updating; a second hand-over before the first has settled is refused here.
  UpdatePrimaryRegion: { ...USES, Updating: 'updating' },
  Verify: USES,
  VerifyMac: USES,
} as const satisfies Record<string, Row>

/** An operation that AWS's table of key states speaks of. */
export type StatefulOperation = keyof typeof STATE_TABLE

/** The state that is shown, and what else is true of a key while its primary moves: a material can expire meanwhile. */
function statesOf(key: KeyRecord): readonly KeyState[] {
  const shown = keyState(key)
  if (!isMoving(key.family) || (shown !== 'Updating' && shown !== 'Disabled')) return [shown]
  return [shown, 'Updating', ...(awaitsImport(key) ? (['PendingImport'] as const) : [])]
}

/** Says why `operation` may not be done on `key` now, or null where it may. */
export function refuseInState(operation: StatefulOperation, key: KeyRecord): StateRefusal | null {
  const row: Row = STATE_TABLE[operation]
  for (const state of statesOf(key)) {
    const refusal = row[state === 'PendingReplicaDeletion' ? 'PendingDeletion' : state]
    if (refusal !== undefined) return refusal
  }
  return null
}
