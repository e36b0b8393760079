import { getInlinePolicy } from '../inline-policies.ts'

/** Shows an inline policy of a user. */
export const GetUserPolicy = getInlinePolicy('GetUserPolicy', 'user')
