import type { KeyState } from '../../../domain/key-state.ts'
import { compareIncarnations, roleOf, type Member, type Role } from '../../../domain/multi-region.ts'
import type { Region } from '../../../domain/region.ts'
import { isGoverning, type Governing } from '../../../replication/governing.ts'
import type { OpenRegion } from '../../regions/open-region.ts'
import type { KeySnapshot } from '../../../kernel/keys/snapshot.ts'

/** One of the keys that are related to each other. */
export interface RelatedKey {
  readonly region: Region
  readonly snapshot: KeySnapshot
}

/** One Region of a key. */
export interface FamilyMember {
  readonly region: Region
  readonly role: Role
  /**
   * What is there; `COMING` where the Region has not heard of its replica, `GONE` where that was deleted, `UNREACHABLE`
   * where nobody can be asked now.
   */
  readonly state: KeyState | 'COMING' | 'GONE' | 'UNREACHABLE'
}

/** The key that has authority, or had it last as far as is known here; null where none has. */
export function headOf(related: readonly RelatedKey[]): Governing | null {
  const heads = related.map(({ snapshot }) => snapshot.record).filter((record) => isGoverning(record))
  return heads.toSorted((a, b) => b.family.epoch - a.family.epoch)[0] ?? null
}

/**
 * Every Region that has the key, is to have it, or had it and is still counted; where the primary cannot be asked, those
 * that could be, and the one that they take for the primary.
 */
export async function familyMembers(
  regions: Iterable<Pick<OpenRegion, 'region' | 'store'>>,
  related: readonly RelatedKey[],
  unreachable: readonly Region[] = [],
): Promise<readonly FamilyMember[]> {
  const present = related.map(({ region, snapshot }) => ({
    region,
    role: roleOf(snapshot.record.family),
    state: snapshot.state,
  }))
  const head = headOf(related)
  if (head === null) return [...present, ...primariesOutOfReach(related, unreachable)]
  const stores = new Map([...regions].map(({ region, store }) => [region, store]))
  const absent = Object.entries(head.family.authority.members).filter(
    ([region]) => !present.some((each) => each.region === region),
  )
  const others = absent.map(async ([region, member]) => {
    const role = 'REPLICA' as const
    if (unreachable.includes(region)) return { region, role, state: 'UNREACHABLE' as const }
    const tombstone = (await stores.get(region)?.reads.tombstone(head.account, head.id)) ?? null
    const state = tombstone !== null && isPast(member, tombstone.last) ? ('GONE' as const) : ('COMING' as const)
    return { region, role, state }
  })
  return [...present, ...(await Promise.all(others))]
}

/** Those that replicas take for their primary, and nobody can ask. */
function primariesOutOfReach(related: readonly RelatedKey[], unreachable: readonly Region[]): readonly FamilyMember[] {
  const named = new Set(related.flatMap(({ snapshot }) => snapshot.record.family?.primaryRegion ?? []))
  const missing = unreachable.filter((region) => named.has(region))
  return missing.map((region) => ({ region, role: 'PRIMARY', state: 'UNREACHABLE' }))
}

function isPast({ incarnation }: Member, last: Member['incarnation']): boolean {
  return compareIncarnations(incarnation, last) <= 0
}
