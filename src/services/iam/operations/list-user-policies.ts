import { listInlinePolicies } from '../inline-policies.ts'

/** Lists the names of the inline policies of a user. */
export const ListUserPolicies = listInlinePolicies('ListUserPolicies', 'user')
