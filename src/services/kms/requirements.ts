import { algorithmsOf, type KeyOrigin, type KeyUsage } from '../../domain/key-spec.ts'
import { refuseInState, type StatefulOperation, type StateRefusal } from '../../domain/key-state.ts'
import { roleOf } from '../../domain/multi-region.ts'
import type { WireError } from '../../kernel/errors.ts'
import type { KeySnapshot, WorkingKey } from '../../kernel/keys/snapshot.ts'
import { errors } from './errors.ts'

/** What is refused for the origin of a key's material. */
function refuseOrigin({ arn, record }: KeySnapshot): WireError {
  return errors.UnsupportedOperationException(
    `${arn} origin is ${record.origin} which is not valid for this operation.`,
  )
}

/** Refuses a key whose material has another origin than the operation is for. */
export function requireOrigin(origin: KeyOrigin, key: KeySnapshot): void {
  if (key.record.origin !== origin) throw refuseOrigin(key)
}

const refusedInState: Readonly<Record<StateRefusal, (key: KeySnapshot) => WireError>> = {
  disabled: ({ arn }) => errors.DisabledException(`${arn} is disabled.`),
  'pending-deletion': ({ arn, state }) =>
    errors.KMSInvalidStateException(
      `${arn} is ${state === 'PendingReplicaDeletion' ? 'pending replica deletion' : 'pending deletion'}.`,
    ),
  'not-pending-deletion': ({ arn }) =>
    errors.KMSInvalidStateException(`${arn} is not pending deletion (or pending replica deletion).`),
  'pending-import': ({ arn }) => errors.KMSInvalidStateException(`${arn} is pending import.`),
  'external-origin': refuseOrigin,
  creating: ({ arn }) => errors.KMSInvalidStateException(`${arn} is creating.`),
  updating: ({ arn }) => errors.KMSInvalidStateException(`${arn} is updating.`),
}

/** Refuses an operation that the key's state does not allow. */
export function requireState(operation: StatefulOperation, key: KeySnapshot): void {
  const refusal = refuseInState(operation, key.record)
  if (refusal !== null) throw refusedInState[refusal](key)
  if (OF_THE_PRIMARY.has(operation)) requireKnowing(key)
}

/** What only the primary of related keys does, and for all of them. */
const OF_THE_PRIMARY: ReadonlySet<StatefulOperation> = new Set([
  'ReplicateKey',
  'UpdatePrimaryRegion',
  'RotateKeyOnDemand',
  'EnableKeyRotation',
  'DisableKeyRotation',
])

/** Refuses what only a primary may do where a Region does not know whether it is the primary still. */
export function requireKnowing({ arn, record, unheard }: KeySnapshot): void {
  const { family, region } = record
  const role = roleOf(family)
  if (role === 'RECOVERING') {
    const waits = family?.recovery?.waits ?? []
    const whom = waits.length === 0 ? 'all other Regions' : waits.join(', ')
    throw errors.KMSInvalidStateException(
      `${arn} may have another primary by now: what ${region} did with it may be forgotten there, and it waits for the ` +
        `answer of ${whom}. Encrypting and decrypting go on. For a Region that is gone for good: keyspan region forget.`,
    )
  }
  if (role !== 'PRIMARY' || family === null || unheard().length === 0) return
  throw errors.KMSInvalidStateException(
    `${arn} may have another primary by now: since the server was started, ${region} has not heard from ` +
      `${unheard().join(', ')} that it was not put back from a backup. Encrypting and decrypting go on. For a Region that ` +
      'is gone for good: keyspan region forget.',
  )
}

/** Refuses to encrypt or decrypt with a key that is not for that, or with an algorithm that is not the key's. */
export function requireEncryption(operation: string, key: KeySnapshot, algorithm: string): void {
  requireUse(operation, key, 'ENCRYPT_DECRYPT', algorithm)
}

/** Refuses a key that is not for a usage, or an algorithm that is not the key's. */
export function requireUse(operation: string, key: KeySnapshot, needed: KeyUsage, algorithm: string): void {
  const { usage, spec } = key.record
  if (usage !== needed) {
    throw errors.InvalidKeyUsageException(`${key.arn} key usage is ${usage} which is not valid for ${operation}.`)
  }
  if (!algorithmsOf(key.record).includes(algorithm)) {
    throw errors.InvalidKeyUsageException(`Algorithm ${algorithm} is incompatible with key spec ${spec}.`)
  }
}

/** The opened material of a key that is enabled. */
export function workingKey(key: KeySnapshot): WorkingKey {
  if (key.working === null) throw new Error(`INVARIANT: ${key.arn} is enabled and has its material`)
  return key.working
}

/** Ends a dry run: everything that could have refused the request has not. */
export function endDryRun(dryRun: boolean | undefined): void {
  if (dryRun === true) {
    throw errors.DryRunOperationException('The request would have succeeded, but the DryRun option is set.')
  }
}
