import { listAttachedPolicies } from '../attachments.ts'

/** Lists the managed policies that are attached to a role. */
export const ListAttachedRolePolicies = listAttachedPolicies('ListAttachedRolePolicies', 'role')
