import { z } from 'zod'
import { managedControlPolicy, MANAGED_CONTROL_POLICIES } from '../../domain/organization.ts'
import type { Planter } from './planter.ts'
import type { SeedPath } from './read.ts'
import type { SeedOrganization, SeedUnit } from './schema.ts'

/** The root, units and accounts of an organization to which policies can be attached, by their place in the seed. */
export type Targets = readonly { readonly id: string; readonly path: SeedPath; readonly policies: readonly string[] }[]

const roots = z.object({ Roots: z.array(z.object({ Id: z.string() })) })
const madeUnit = z.object({ OrganizationalUnit: z.object({ Id: z.string() }) })
const madePolicy = z.object({ Policy: z.object({ PolicySummary: z.object({ Id: z.string() }) }) })
const invited = z.object({ Handshake: z.object({ Id: z.string() }) })

type Ask = (path: SeedPath, name: string, input: Readonly<Record<string, unknown>>, as?: string) => Promise<unknown>

function asking({ ManagementAccount }: SeedOrganization, planter: Planter): Ask {
  return (path, name, input, account = ManagementAccount) =>
    planter.ask(path, { service: 'organizations', name, input, account })
}

/** Makes the organization of a seed, its units, and takes the accounts into it; nothing is attached yet. */
export async function makeOrganization(organization: SeedOrganization, planter: Planter): Promise<Targets> {
  const ask = asking(organization, planter)
  const path: SeedPath = ['Organization']
  const { FeatureSet = 'ALL', PolicyTypes = [] } = organization
  await ask([...path, 'ManagementAccount'], 'CreateOrganization', { FeatureSet })
  const rootId = roots.parse(await ask(path, 'ListRoots', {})).Roots[0]?.Id ?? ''
  for (const [index, PolicyType] of PolicyTypes.entries()) {
    await ask([...path, 'PolicyTypes', index], 'EnablePolicyType', { RootId: rootId, PolicyType })
  }
  const targets: Targets[number][] = [{ id: rootId, path, policies: organization.AttachedPolicies ?? [] }]

  async function below(parent: Pick<SeedUnit, 'Accounts' | 'OrganizationalUnits'>, id: string, at: SeedPath) {
    for (const [index, { AccountId, AttachedPolicies = [] }] of (parent.Accounts ?? []).entries()) {
      const place = [...at, 'Accounts', index]
      await join(AccountId, id, place)
      targets.push({ id: AccountId, path: place, policies: AttachedPolicies })
    }
    for (const [index, unit] of (parent.OrganizationalUnits ?? []).entries()) {
      const place = [...at, 'OrganizationalUnits', index]
      const answer = await ask(place, 'CreateOrganizationalUnit', { ParentId: id, Name: unit.Name })
      const unitId = madeUnit.parse(answer).OrganizationalUnit.Id
      targets.push({ id: unitId, path: place, policies: unit.AttachedPolicies ?? [] })
      await below(unit, unitId, place)
    }
  }

  async function join(account: string, parent: string, place: SeedPath): Promise<void> {
    if (account !== organization.ManagementAccount) {
      const answer = await ask(place, 'InviteAccountToOrganization', { Target: { Id: account, Type: 'ACCOUNT' } })
      await ask(place, 'AcceptHandshake', { HandshakeId: invited.parse(answer).Handshake.Id }, account)
    }
    if (parent === rootId) return
    await ask(place, 'MoveAccount', { AccountId: account, SourceParentId: rootId, DestinationParentId: parent })
  }

  await below(organization, rootId, path)
  return targets
}

/** Makes the policies of an organization, and attaches them. */
export async function attachControlPolicies(
  organization: SeedOrganization,
  targets: Targets,
  planter: Planter,
): Promise<void> {
  const ask = asking(organization, planter)
  const ofAws = Object.values(MANAGED_CONTROL_POLICIES)
  const ids = new Map<string, string>(ofAws.map(({ name, id }) => [name, id]))
  const all = [...ofAws.map(({ name, type }) => ({ Name: name, Type: type })), ...(organization.Policies ?? [])]
  for (const [index, { Description = '', ...policy }] of (organization.Policies ?? []).entries()) {
    const answer = await ask(['Organization', 'Policies', index], 'CreatePolicy', { ...policy, Description })
    ids.set(policy.Name, madePolicy.parse(answer).Policy.PolicySummary.Id)
  }
  for (const { id: TargetId, path, policies } of targets) {
    for (const [index, name] of policies.entries()) {
      const PolicyId = ids.get(name) ?? name
      if (managedControlPolicy(PolicyId) !== null) continue
      await ask([...path, 'AttachedPolicies', index], 'AttachPolicy', { PolicyId, TargetId })
    }
    // Where others of its type are named and AWS's own is not, it is not wanted there.
    const { name, id: PolicyId, type } = MANAGED_CONTROL_POLICIES.SERVICE_CONTROL_POLICY
    const ofType = all.filter(({ Name, Type }) => Type === type && policies.includes(Name))
    if (ofType.length === 0 || policies.includes(name)) continue
    await ask([...path, 'AttachedPolicies'], 'DetachPolicy', { PolicyId, TargetId })
  }
}
