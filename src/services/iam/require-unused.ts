import type { Group, Role, User } from '../../domain/identity.ts'
import { errors } from './errors.ts'

/**
 * Refuses to delete an identity that has policies.
 *
 * @throws DeleteConflict
 */
export function requireNoPolicies({ inlinePolicies, attachedPolicies }: User | Group | Role): void {
  if (Object.keys(inlinePolicies).length > 0) {
    throw errors.DeleteConflict('Cannot delete entity, must delete policies first.')
  }
  if (attachedPolicies.length > 0) {
    throw errors.DeleteConflict('Cannot delete entity, must detach all policies first.')
  }
}
