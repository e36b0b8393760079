import { deleteInlinePolicy } from '../inline-policies.ts'

/** Takes an inline policy away from a group. */
export const DeleteGroupPolicy = deleteInlinePolicy('DeleteGroupPolicy', 'group')
