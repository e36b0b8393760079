import { listInlinePolicies } from '../inline-policies.ts'

/** Lists the names of the inline policies of a group. */
export const ListGroupPolicies = listInlinePolicies('ListGroupPolicies', 'group')
