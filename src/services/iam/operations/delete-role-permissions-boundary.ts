import { deleteBoundary } from '../boundaries.ts'

/** Takes a role's permissions boundary away. */
export const DeleteRolePermissionsBoundary = deleteBoundary('DeleteRolePermissionsBoundary', 'role')
