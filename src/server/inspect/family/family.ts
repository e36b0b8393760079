import type { Region } from '../../../domain/region.ts'
import { InspectionError } from '../inspection-error.ts'
import { deletionOrder } from './deletion.ts'
import { familyMembers, type FamilyMember } from './members.ts'
import { familyStreams, type FamilyStreams, type Unheard } from './streams.ts'
import { familyProperties, type FamilyReport } from './table.ts'
import { familyWaits } from './waits.ts'
import { troublesOf } from './troubles.ts'
import { policyDrifts, type PolicyDrift } from './policy-drift.ts'
import { relatedKeys } from './related-keys.ts'
import type { Regions } from '../../regions/regions.ts'

/** Related keys side by side, and what a person must look after. */
export interface FamilyAnswer extends FamilyReport {
  /** What is damaged, in sentences. */
  readonly troubles: readonly string[]
  /** How policies differ; none where that was not asked for. */
  readonly drifts: readonly PolicyDrift[]
}

/**
 * Looks at a key in all of its Regions: what it is in each, what is on its way between them, and what waits for what.
 *
 * @param isConnected whether a Region can be heard by another now
 * @throws InspectionError where there is no such key
 */
export async function keyFamily(
  regions: Regions,
  key: string,
  withDrifts: boolean,
  isConnected: (from: Region, to: Region) => boolean,
): Promise<FamilyAnswer> {
  const related = await relatedKeys(regions, key)
  const [one] = related
  if (one === undefined) throw new InspectionError(`${key} does not exist.`)
  const { account, id: keyId } = one.snapshot.record
  const members = await familyMembers(regions, related)
  const streams = familyStreams(regions, { account, keyId }, isConnected)
  return {
    regions: related.map(({ region }) => region),
    properties: familyProperties(related),
    members,
    unheard: await unheardBetween(members, streams),
    waits: await familyWaits(related, members, streams),
    deletion: deletionOrder(related, members),
    troubles: await troublesOf(regions, related),
    drifts: withDrifts ? policyDrifts(related) : [],
  }
}

/** What is on its way to and from those that lead: replicas have nothing to tell each other. */
async function unheardBetween(members: readonly FamilyMember[], streams: FamilyStreams): Promise<readonly Unheard[]> {
  const leads = new Set(members.filter(({ role }) => role !== 'REPLICA').map(({ region }) => region))
  const pairs = members.flatMap(({ region: from }) =>
    members.flatMap(({ region: to }) =>
      from !== to && (leads.has(from) || leads.has(to)) ? [[from, to] as const] : [],
    ),
  )
  const found = await Promise.all(pairs.map(([from, to]) => streams.unheard(from, to)))
  return found.filter((each) => each !== null)
}
