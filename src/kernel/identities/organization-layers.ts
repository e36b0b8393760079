import type { PolicySource } from '../../policy/authorize.ts'
import type { GlobalReads } from '../../storage/global-store.ts'
import { organizationLayersOf } from '../../storage/organization-reads.ts'
import type { PolicyShelf } from './policy-shelf.ts'

/** What an organization means to one of its accounts. */
export interface OrganizationLayers {
  /** Absent where service control policies do not apply, as to the management account. */
  readonly scp?: readonly (readonly PolicySource[])[]
  readonly rcp?: readonly (readonly PolicySource[])[]
  readonly id: string
  /** Of `aws:PrincipalOrgPaths` and `aws:ResourceOrgPaths`. */
  readonly paths: readonly string[]
}

/** AWS's own resource control policy: it allows everything, which is what none at all does. */
const FULL_ACCESS = 'RCPFullAWSAccess'

/** What an account's organization means to its callers and its resources; null where it is in none. */
export async function organizationLayers(
  reads: GlobalReads,
  account: string,
  shelf: PolicyShelf,
): Promise<OrganizationLayers | null> {
  const found = await organizationLayersOf(reads, account)
  if (found === null) return null
  const scp: (readonly PolicySource[])[] = []
  for (const level of found.scp) scp.push(await shelf.sources('scp', level))
  const rcp: (readonly PolicySource[])[] = []
  for (const level of found.rcp) {
    const limiting = level.filter(({ name }) => name !== FULL_ACCESS)
    rcp.push(await shelf.sources('rcp', limiting))
  }
  return {
    ...(scp.length > 0 && { scp }),
    ...(rcp.length > 0 && { rcp }),
    id: found.organizationId,
    paths: [found.orgPaths],
  }
}
