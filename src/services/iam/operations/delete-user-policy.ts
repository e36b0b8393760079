import { deleteInlinePolicy } from '../inline-policies.ts'

/** Takes an inline policy away from a user. */
export const DeleteUserPolicy = deleteInlinePolicy('DeleteUserPolicy', 'user')
