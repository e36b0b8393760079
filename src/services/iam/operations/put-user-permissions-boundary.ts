import { putBoundary } from '../boundaries.ts'

/** Sets the policy that limits what others can grant a user. */
export const PutUserPermissionsBoundary = putBoundary('PutUserPermissionsBoundary', 'user')
