import { putBoundary } from '../boundaries.ts'

/** Sets the policy that limits what others can grant a role. */
export const PutRolePermissionsBoundary = putBoundary('PutRolePermissionsBoundary', 'role')
