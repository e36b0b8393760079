import { stagedMaterial, type KeyRecord } from './key.ts'
import { roleOf } from './multi-region.ts'

/**
 * Says whether a key's automatic rotation can begin now, if it is due.
 *
 * A disabled key waits until it is enabled; a key whose last rotation is under way, until that has ended; and of
 * related keys only the primary rotates.
 */
export function mayRotate(key: KeyRecord): boolean {
  return roleOf(key.family) === 'PRIMARY' && key.enabled && key.deletion === null && stagedMaterial(key) === null
}
