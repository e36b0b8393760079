import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import * as limits from '../limits.ts'
import { policyUsers } from '../managed-policies.ts'
import { allOf } from '../page.ts'
import { recordOf } from '../record.ts'
import { needIn, subjects } from '../subject.ts'

/** Counts what the account has, and says how much it may have. */
export const GetAccountSummary = globalReadOperation({
  name: 'GetAccountSummary',
  errors: [],
  input: z.object({}),
  load: () => null,
  requires: () => [needIn('GetAccountSummary', '*')],
  async run(_input, _found, { caller: { account } }, { reads }) {
    const everyone = await policyUsers(reads, account)
    const count = (kind: string) => everyone.filter((each) => each.kind === kind).length
    const policies = await allOf(reads, 'policy', account)
    const rootKeys = await reads.accessKeysOf(account, null)
    const SummaryMap = new Map<string, number>([
      ['Users', count('user')],
      ['UsersQuota', limits.USERS_PER_ACCOUNT],
      ['Groups', count('group')],
      ['GroupsQuota', limits.GROUPS_PER_ACCOUNT],
      ['Roles', count('role')],
      ['RolesQuota', limits.ROLES_PER_ACCOUNT],
      ['Policies', policies.length],
      ['PoliciesQuota', limits.POLICIES_PER_ACCOUNT],
      ['PolicyVersionsInUse', policies.reduce((sum, { versions }) => sum + versions.length, 0)],
      ['AccountAccessKeysPresent', rootKeys.length > 0 ? 1 : 0],
      ['AccountMFAEnabled', 0],
      ['MFADevices', 0],
      ['AccessKeysPerUserQuota', limits.ACCESS_KEYS_PER_USER],
      ['GroupsPerUserQuota', limits.GROUPS_PER_USER],
      ['VersionsPerPolicyQuota', limits.VERSIONS_PER_POLICY],
      ['PolicySizeQuota', limits.MANAGED_POLICY_SIZE],
      ['AssumeRolePolicySizeQuota', limits.TRUST_POLICY_SIZE],
      ['UserPolicySizeQuota', subjects.user.inlineSize],
      ['GroupPolicySizeQuota', subjects.group.inlineSize],
      ['RolePolicySizeQuota', subjects.role.inlineSize],
      ['AttachedPoliciesPerUserQuota', subjects.user.attachments],
      ['AttachedPoliciesPerGroupQuota', subjects.group.attachments],
      ['AttachedPoliciesPerRoleQuota', subjects.role.attachments],
    ])
    return { SummaryMap }
  },
  record: (input) => recordOf(input),
})
