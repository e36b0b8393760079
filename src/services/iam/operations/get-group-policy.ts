import { getInlinePolicy } from '../inline-policies.ts'

/** Shows an inline policy of a group. */
export const GetGroupPolicy = getInlinePolicy('GetGroupPolicy', 'group')
