import { listInlinePolicies } from '../inline-policies.ts'

/** Lists the names of the inline policies of a role. */
export const ListRolePolicies = listInlinePolicies('ListRolePolicies', 'role')
