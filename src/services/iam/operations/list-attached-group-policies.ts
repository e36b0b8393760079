import { listAttachedPolicies } from '../attachments.ts'

/** Lists the managed policies that are attached to a group. */
export const ListAttachedGroupPolicies = listAttachedPolicies('ListAttachedGroupPolicies', 'group')
