import { stringify } from 'yaml'
import { enabledRegions } from '../../storage/region-opt-in.ts'
import { membershipOf } from '../../storage/organization-reads.ts'
import { present } from './present.ts'
import { exportAccessKeys } from './export-access-keys.ts'
import { exportKeys } from './export-keys.ts'
import { exportIdentities } from './export-identities.ts'
import { exportOrganization } from './export-organization.ts'
import type { ExportSources } from './export-sources.ts'
import type { AccountContent, SeedContent } from './schema.ts'

/** A seed, and what it could not take in. */
export interface ExportedSeed {
  readonly seed: SeedContent
  /** Each is a sentence. */
  readonly notes: readonly string[]
}

/** Accounts in one page. */
const PAGE = 500

/** Takes a seed from a server: planted elsewhere, it makes the same, but for what the notes say. */
export async function exportSeed(sources: ExportSources): Promise<ExportedSeed> {
  const { reads } = sources.global.store
  const notes: string[] = []
  for (const region of sources.regions.elsewhere()) {
    notes.push(`${region} is served by another server: its keys and aliases are left out. Export them there.`)
  }
  const ids = await accountIds(sources)
  const keys = await exportKeys(sources, ids, (note) => notes.push(note))
  const Accounts: AccountContent[] = []
  for (const AccountId of ids) {
    const { Policies, Groups, Users, Roles } = await exportIdentities(AccountId, sources)
    const AccessKeys = await exportAccessKeys(AccountId, null, sources)
    const EnabledRegions = [...(await enabledRegions(reads, AccountId))]
    const Keys = keys.get(AccountId) ?? []
    Accounts.push({ AccountId, ...present({ AccessKeys, EnabledRegions, Policies, Groups, Users, Roles, Keys }) })
  }
  const membership = ids.length === 0 ? null : await firstMembership(ids, sources)
  const Organization = membership === null ? undefined : await exportOrganization(membership.organization, reads)
  return { seed: { Accounts, ...(Organization !== undefined && { Organization }) }, notes }
}

/** A seed as a text in YAML. */
export function seedText(seed: SeedContent): string {
  return stringify(seed, { lineWidth: 0 })
}

async function accountIds({ global }: ExportSources): Promise<readonly string[]> {
  const ids: string[] = []
  for (;;) {
    const page = await global.store.reads.documents('account', null, { after: ids.at(-1) ?? null, limit: PAGE })
    ids.push(...page.map(({ name }) => name))
    if (page.length < PAGE) return ids
  }
}

async function firstMembership(ids: readonly string[], { global }: ExportSources) {
  for (const id of ids) {
    const membership = await membershipOf(global.store.reads, id)
    if (membership !== null) return membership
  }
  return null
}
