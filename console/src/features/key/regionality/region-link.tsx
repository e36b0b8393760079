import type { FamilyMember } from '../../../api/family.ts'
import { PageLink } from '../../../parts/page-link.tsx'

interface RegionLinkProps {
  readonly keyId: string
  readonly region: string
  readonly members: readonly FamilyMember[]
}

/** A Region's name, which leads to its key where there is one. */
export function RegionLink({ keyId, region, members }: RegionLinkProps) {
  const state = members.find(({ Region }) => Region === region)?.State
  if (['COMING', 'GONE', 'UNREACHABLE'].includes(state ?? '')) return region
  return (
    <PageLink to={`keys/${keyId}#regionality`} region={region}>
      {region}
    </PageLink>
  )
}
