import { putInlinePolicy } from '../inline-policies.ts'

/** Puts an inline policy into a group, in the place of one of the same name. */
export const PutGroupPolicy = putInlinePolicy('PutGroupPolicy', 'group')
