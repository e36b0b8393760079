import { putInlinePolicy } from '../inline-policies.ts'

/** Puts an inline policy into a user, in the place of one of the same name. */
export const PutUserPolicy = putInlinePolicy('PutUserPolicy', 'user')
