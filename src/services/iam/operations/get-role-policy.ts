import { getInlinePolicy } from '../inline-policies.ts'

/** Shows an inline policy of a role. */
export const GetRolePolicy = getInlinePolicy('GetRolePolicy', 'role')
