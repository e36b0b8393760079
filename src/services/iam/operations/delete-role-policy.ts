import { deleteInlinePolicy } from '../inline-policies.ts'

/** Takes an inline policy away from a role. */
export const DeleteRolePolicy = deleteInlinePolicy('DeleteRolePolicy', 'role')
