import { deleteBoundary } from '../boundaries.ts'

/** Takes a user's permissions boundary away. */
export const DeleteUserPermissionsBoundary = deleteBoundary('DeleteUserPermissionsBoundary', 'user')
