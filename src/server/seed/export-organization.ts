import {
  CONTROL_POLICY_TYPES,
  MANAGED_CONTROL_POLICIES,
  type AttachedPolicies,
  type ControlPolicyType,
  type Organization,
} from '../../domain/organization.ts'
import type { GlobalReads } from '../../storage/global-store.ts'
import { allDocuments } from '../../storage/organization-reads.ts'
import { documentOf } from './export-identities.ts'
import { present } from './present.ts'
import type { OrganizationContent, SeedUnit } from './schema.ts'

/** An organization with all that is in it. */
export async function exportOrganization(organization: Organization, reads: GlobalReads): Promise<OrganizationContent> {
  const { id, managementAccount, featureSet, root } = organization
  const policies = await allDocuments(reads, 'control-policy', id)
  const units = await allDocuments(reads, 'organizational-unit', id)
  const members = await allDocuments(reads, 'organization-member', id)
  const all = [...Object.values(MANAGED_CONTROL_POLICIES), ...policies]
  const names = new Map(all.map((policy) => [policy.id, policy.name]))

  const attachedOf = ({ attached }: { readonly attached: AttachedPolicies }) => {
    const isAsMade = CONTROL_POLICY_TYPES.every((type) => isInitial(attached[type], type))
    const ids = isAsMade ? [] : CONTROL_POLICY_TYPES.flatMap((type) => attached[type])
    return present({ AttachedPolicies: ids.map((each) => names.get(each) ?? each) })
  }
  const below = (parent: string): Pick<SeedUnit, 'Accounts' | 'OrganizationalUnits'> =>
    present({
      Accounts: members
        .filter((member) => member.parent === parent)
        .map((member) => ({ AccountId: member.account, ...attachedOf(member) }))
        // The management account is in its organization's root by itself.
        .filter((each) => each.AccountId !== managementAccount || parent !== root.id || Object.keys(each).length > 1),
      OrganizationalUnits: units
        .filter((unit) => unit.parent === parent)
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .map((unit): SeedUnit => ({ Name: unit.name, ...attachedOf(unit), ...below(unit.id) })),
    })

  return {
    ManagementAccount: managementAccount,
    ...(featureSet === 'ALL' ? {} : { FeatureSet: featureSet }),
    ...present({
      PolicyTypes: [...root.policyTypes],
      Policies: policies
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .map(({ name, type, description, text }) => ({
          Name: name,
          Type: type,
          ...present({ Description: description }),
          Content: documentOf(text),
        })),
    }),
    ...attachedOf(root),
    ...below(root.id),
  }
}

/** Says whether what is attached is what everything new has. */
function isInitial(attached: readonly string[], type: ControlPolicyType): boolean {
  return attached.every((id) => id === MANAGED_CONTROL_POLICIES[type].id)
}
