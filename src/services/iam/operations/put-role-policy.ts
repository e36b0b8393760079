import { putInlinePolicy } from '../inline-policies.ts'

/** Puts an inline policy into a role, in the place of one of the same name. */
export const PutRolePolicy = putInlinePolicy('PutRolePolicy', 'role')
