import { listAttachedPolicies } from '../attachments.ts'

/** Lists the managed policies that are attached to a user. */
export const ListAttachedUserPolicies = listAttachedPolicies('ListAttachedUserPolicies', 'user')
