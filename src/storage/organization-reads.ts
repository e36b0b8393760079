import type { DocumentKind, GlobalDocuments } from '../domain/global-document.ts'
import {
  controlPolicyArn,
  CONTROL_POLICY_TYPES,
  managedControlPolicy,
  type AttachedPolicies,
  type ControlPolicy,
  type ControlPolicyType,
  type Organization,
  type OrganizationalUnit,
  type OrganizationMember,
} from '../domain/organization.ts'
import type { GlobalReads } from './global-store.ts'

const PAGE = 500

/** A policy of an organization, in its place. */
export interface LayeredPolicy {
  readonly name: string
  readonly id: string
  /** In full, for people: `SCP limits (p-1234) at OU Prod`. */
  readonly title: string
  /** What it is attached to: `the root`, `OU Prod` or `account 111122223333`. */
  readonly of: string
  readonly arn: string
  readonly text: string
}

/** What an organization says of one of its accounts. */
export interface OrganizationLayers {
  readonly organizationId: string
  readonly managementAccount: boolean
  /** The one value of `aws:PrincipalOrgPaths` and `aws:ResourceOrgPaths`: it ends with a slash, before the account. */
  readonly orgPaths: string
  /**
   * A level each for the root, every unit on the way, and the account; none where no such policies apply: to the
   * management account, or where the type is not enabled. Every level must allow.
   */
  readonly scp: readonly (readonly LayeredPolicy[])[]
  /**
   * Levels as of `scp`. AWS's own RCPFullAWSAccess is among them: it allows, which a customer's may not, so that it
   * does not parse as one. These policies only ever deny.
   */
  readonly rcp: readonly (readonly LayeredPolicy[])[]
}

/** All documents of a kind that belong to an account or organization, by ascending name. */
export async function allDocuments<Kind extends DocumentKind>(
  reads: GlobalReads,
  kind: Kind,
  owner: string | null,
): Promise<readonly GlobalDocuments[Kind][]> {
  const all: GlobalDocuments[Kind][] = []
  let after: string | null = null
  for (;;) {
    const page: readonly { name: string; content: GlobalDocuments[Kind] }[] = await reads.documents(kind, owner, {
      after,
      limit: PAGE,
    })
    all.push(...page.map(({ content }) => content))
    if (page.length < PAGE) return all
    after = page.at(-1)?.name ?? null
  }
}

/** The organization of an account and its place there; null where it is in none. */
export async function membershipOf(
  reads: GlobalReads,
  account: string,
): Promise<{ readonly organization: Organization; readonly member: OrganizationMember } | null> {
  const found = await reads.documentById('organization-member', memberId(account))
  if (found === null) return null
  const organization = await reads.document({ kind: 'organization', account: '', name: found.account })
  // Fail closed: an account that lost its organization must not lose its limits.
  if (organization === null) throw new Error(`INVARIANT: the organization of a member exists: ${found.account}`)
  return { organization, member: found.content }
}

/** The unique id under which a member is filed: an account is in one organization at most. */
export function memberId(account: string): string {
  return `member/${account}`
}

/** The units from below the root down to `parent`, which is one of them or the root. */
export async function unitsDownTo(
  reads: GlobalReads,
  organization: Organization,
  parent: string,
): Promise<readonly OrganizationalUnit[]> {
  const units: OrganizationalUnit[] = []
  let next = parent
  while (next !== organization.root.id) {
    const unit = await reads.document({ kind: 'organizational-unit', account: organization.id, name: next })
    // Fail closed: what hangs in the air would escape the policies above it.
    if (unit === null) throw new Error(`INVARIANT: a parent exists: ${next}`)
    units.unshift(unit)
    next = unit.parent
  }
  return units
}

/** A policy of an organization or one of AWS's own; null where there is none with that id. */
export async function controlPolicy(
  reads: GlobalReads,
  organization: Organization,
  id: string,
): Promise<ControlPolicy | null> {
  const own = { kind: 'control-policy', account: organization.id, name: id } as const
  return managedControlPolicy(id) ?? (await reads.document(own))
}

/** The service and resource control policies over an account; null where it is in no organization. */
export async function organizationLayersOf(reads: GlobalReads, account: string): Promise<OrganizationLayers | null> {
  const found = await membershipOf(reads, account)
  if (found === null) return null
  const { organization, member } = found
  const units = await unitsDownTo(reads, organization, member.parent)
  const managementAccount = account === organization.managementAccount
  const levels = [
    { of: 'the root', attached: organization.root.attached },
    ...units.map(({ name, attached }) => ({ of: `OU ${name}`, attached })),
    { of: `account ${account}`, attached: member.attached },
  ]
  const layer = async (type: ControlPolicyType) => {
    if (managementAccount || !organization.root.policyTypes.includes(type)) return []
    return Promise.all(levels.map((level) => policiesOf(reads, organization, level, type)))
  }
  const [scpType, rcpType] = CONTROL_POLICY_TYPES
  return {
    organizationId: organization.id,
    managementAccount,
    orgPaths: `${[organization.id, organization.root.id, ...units.map(({ id }) => id)].join('/')}/`,
    scp: await layer(scpType),
    // Resources of the management account are exempt too (AWS Organizations User Guide, "Resource control policies").
    rcp: await layer(rcpType),
  }
}

async function policiesOf(
  reads: GlobalReads,
  organization: Organization,
  { of, attached }: { readonly of: string; readonly attached: AttachedPolicies },
  type: ControlPolicyType,
): Promise<readonly LayeredPolicy[]> {
  return Promise.all(
    attached[type].map(async (id) => {
      const policy = await controlPolicy(reads, organization, id)
      // Fail closed: a policy that is missing could have denied.
      if (policy === null) throw new Error(`INVARIANT: an attached policy exists: ${id}`)
      const { name, text } = policy
      const title = `${type === 'SERVICE_CONTROL_POLICY' ? 'SCP' : 'RCP'} ${name} (${id}) at ${of}`
      return { name, id, title, of, arn: controlPolicyArn(organization, policy), text }
    }),
  )
}
