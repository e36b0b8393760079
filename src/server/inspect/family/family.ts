import type { Region } from '../../../domain/region.ts'
import { InspectionError } from '../inspection-error.ts'
import { deletionOrder } from './deletion.ts'
import type { RemoteRegions } from '../../../kernel/reads.ts'
import { familyMembers, headOf, type FamilyMember, type RelatedKey } from './members.ts'
import { familyStreams, type FamilyLines, type FamilyStreams, type Unheard } from './streams.ts'
import { familyProperties, type FamilyReport } from './table.ts'
import { familyWaits } from './waits.ts'
import { troublesOf } from './troubles.ts'
import { policyDrifts, type PolicyDrift } from './policy-drift.ts'
import { relatedKeys } from './related-keys.ts'
import type { Regions } from '../../regions/regions.ts'

/** Regions of other places, and the lines between all. */
export interface FamilyElsewhere extends FamilyLines, Pick<RemoteRegions, 'keyIn'> {
  readonly regions: () => readonly Region[]
}

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
 * @param elsewhere what is known of Regions of other places, and of the lines between all
 * @throws InspectionError where there is no such key
 */
export async function keyFamily(
  regions: Regions,
  key: string,
  withDrifts: boolean,
  elsewhere: FamilyElsewhere,
): Promise<FamilyAnswer> {
  const here = await relatedKeys(regions, key, elsewhere.regions())
  const [one] = here
  if (one === undefined) throw new InspectionError(`${key} does not exist.`)
  const { account, id: keyId } = one.snapshot.record
  const { found, unreachable } =
    one.snapshot.record.family === null ? NOWHERE : await relatedElsewhere(elsewhere, account, keyId)
  const related = [...here, ...found]
  const members = await familyMembers(regions, related, unreachable)
  const streams = familyStreams(regions, { account, keyId }, elsewhere)
  return {
    regions: related.map(({ region }) => region),
    unasked: unaskedOf(related, members, unreachable),
    properties: familyProperties(related),
    members,
    unheard: await unheardBetween(members, streams),
    waits: await familyWaits(here, related, members, streams),
    deletion: deletionOrder(related, members),
    troubles: await troublesOf(regions, related),
    drifts: withDrifts ? policyDrifts(related) : [],
  }
}

const NOWHERE = { found: [], unreachable: [] } as const

/** The keys of other places that are related to one, and the Regions that cannot be asked. */
export async function relatedElsewhere(
  { regions, keyIn }: FamilyElsewhere,
  account: string,
  keyId: string,
): Promise<{ readonly found: readonly RelatedKey[]; readonly unreachable: readonly Region[] }> {
  const asked = await Promise.all(
    regions().map(async (region) => ({ region, snapshot: await keyIn(region, account, keyId) })),
  )
  return {
    found: asked.flatMap(({ region, snapshot }) => (snapshot ? [{ region, snapshot }] : [])),
    unreachable: asked.flatMap(({ region, snapshot }) => (snapshot === undefined ? [region] : [])),
  }
}

/** The Regions that may have the key, and could not be asked: those that its primary names, where that could be. */
function unaskedOf(
  related: readonly RelatedKey[],
  members: readonly FamilyMember[],
  unreachable: readonly Region[],
): readonly Region[] {
  if (headOf(related) === null) return unreachable
  return unreachable.filter((region) => members.some((each) => each.region === region))
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
