import { regionOptStatus } from '../../domain/region-opt-in.ts'
import type { Region } from '../../domain/region.ts'
import { enabledRegions } from '../../storage/region-opt-in.ts'
import type { Deployment } from '../data/deployment.ts'
import type { Engine } from '../engine.ts'
import { attachControlPolicies, makeOrganization } from './plant-organization.ts'
import { plantIdentities } from './plant-identities.ts'
import { plantKeys } from './plant-keys.ts'
import { plantAccessKeys } from './plant-access-keys.ts'
import { createPlanter, type Planter } from './planter.ts'
import type { ReadSeed, SeedPath } from './read.ts'
import type { SeedAccount } from './schema.ts'

/**
 * Makes what a seed says in a deployment that is empty, as the root users of its accounts.
 *
 * What could forbid a part of it comes after that part: keys are made under the default policy and given theirs at the
 * end, and last of all the organization's policies are attached.
 *
 * @throws SeedError about the part that cannot be
 */
export async function plant(read: ReadSeed, deployment: Deployment, engine: Engine, home: Region): Promise<void> {
  const { Accounts, Organization } = read.seed
  requireOnce(Accounts, read)
  const planter = createPlanter(read, deployment, engine, home)
  for (const [index, account] of Accounts.entries()) await plantAccount(account, ['Accounts', index], planter)
  const units = Organization === undefined ? null : await makeOrganization(Organization, planter)
  await plantIdentities(Accounts, planter)
  await plantKeys(Accounts, planter)
  if (Organization !== undefined && units !== null) await attachControlPolicies(Organization, units, planter)
  await engine.loop.settle()
}

/** An account is made once, whatever of it stands where. */
function requireOnce(accounts: readonly SeedAccount[], { error }: ReadSeed): void {
  for (const [index, { AccountId }] of accounts.entries()) {
    if (accounts.findIndex((each) => each.AccountId === AccountId) === index) continue
    throw error(['Accounts', index, 'AccountId'], `There is an account ${AccountId} in the seed already.`)
  }
}

async function plantAccount(account: SeedAccount, path: SeedPath, planter: Planter): Promise<void> {
  const { AccountId, AccessKeys = [], EnabledRegions = [] } = account
  const { deployment, engine } = planter
  const [first] = AccessKeys
  const chosen = first && { accessKeyId: first.AccessKeyId, secretAccessKey: first.SecretAccessKey }
  const now = engine.clock.now()
  await planter.at([...path, 'AccountId'], () => deployment.accounts.create(AccountId, now, async () => {}, chosen))
  await plantAccessKeys(AccountId, undefined, AccessKeys, [...path, 'AccessKeys'], planter)
  for (const [index, RegionName] of EnabledRegions.entries()) {
    // Those that the server serves are enabled already.
    const enabled = await enabledRegions(deployment.store.reads, AccountId)
    if (regionOptStatus(RegionName, enabled) !== 'DISABLED') continue
    const place = [...path, 'EnabledRegions', index]
    await planter.ask(place, { service: 'account', name: 'EnableRegion', input: { RegionName }, account: AccountId })
  }
}
