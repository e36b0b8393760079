import { roleOf } from '../../../domain/multi-region.ts'
import { KEY_SPECS } from '../../../domain/key-spec.ts'
import type { KeySnapshot } from '../../../kernel/keys/snapshot.ts'
import { errors } from '../errors.ts'
import { requireOrigin, requireState } from '../requirements.ts'

/**
 * Refuses to rotate what cannot be rotated, or not from here: rotation is the primary's. Of keys that never rotate,
 * AWS lets the rotation be ended all the same.
 *
 * @returns whether there is anything to rotate
 */
export function requireRotatable(
  operation: 'EnableKeyRotation' | 'DisableKeyRotation' | 'RotateKeyOnDemand',
  key: KeySnapshot,
): boolean {
  const { spec, family } = key.record
  requireState(operation, key)
  if (!KEY_SPECS[spec].rotatable) {
    if (operation === 'DisableKeyRotation') return false
    throw errors.UnsupportedOperationException()
  }
  // Imported material is rotated on demand alone.
  if (operation !== 'RotateKeyOnDemand') requireOrigin('AWS_KMS', key)
  const role = roleOf(family)
  if (role === 'REPLICA') {
    throw errors.UnsupportedOperationException(
      `${key.arn} is a multi-region replica key which is not valid for ${operation}.`,
    )
  }
  // AWS allows this while Updating. Here the shared properties belong to nobody while they move.
  if (role === 'HANDING_OFF') throw errors.KMSInvalidStateException(`${key.arn} is updating.`)
  return true
}
