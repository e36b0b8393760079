import { regionsLacking } from '../../../domain/imports.ts'
import { arnOf, stagedMaterial, type KeyRecord } from '../../../domain/key.ts'
import type { Material } from '../../../domain/material-id.ts'
import { deletionAskedAt } from './deletion.ts'
import type { FamilyMember, RelatedKey } from './members.ts'
import type { FamilyStreams } from './streams.ts'
import type { Member } from '../../../domain/multi-region.ts'
import type { Region } from '../../../domain/region.ts'
import { isGoverning, type Governing } from '../../../replication/governing.ts'
import type { RegionReads } from '../../../storage/store.ts'

/** What one Region waits for, of a key. */
export interface Wait {
  readonly region: Region
  /** For whom. */
  readonly for: readonly Region[]
  readonly what: 'REPLICA' | 'CHANGES' | 'ROTATION' | 'IMPORT' | 'PRIMARY' | 'DELETION' | 'UPGRADE' | 'RECOVERY'
  /** In epoch milliseconds; null where nobody knows. */
  readonly since: number | null
  /** A sentence for people. */
  readonly text: string
}

/**
 * What the Regions of a key wait for.
 *
 * @param here those keys of which all is known, among all that are related
 */
export async function familyWaits(
  here: readonly (RelatedKey & { readonly reads: Pick<RegionReads, 'keptMessages'> })[],
  related: readonly RelatedKey[],
  members: readonly FamilyMember[],
  streams: FamilyStreams,
): Promise<readonly Wait[]> {
  const found = here.map(async ({ snapshot: { record }, reads }) => {
    const authority = isGoverning(record)
      ? [
          ...replicaWaits(record, related, members),
          ...(await changeWaits(record, streams)),
          ...(await primaryWaits(record, streams)),
        ]
      : []
    return [
      ...authority,
      ...recoveryWaits(record),
      ...deletionWaits(record),
      ...(await rotationWaits(record, streams)),
      ...(await haltWaits(record, reads, streams)),
    ]
  })
  return (await Promise.all(found)).flat()
}

/** Replicas that cannot be used yet. */
function replicaWaits(
  { region, family }: Governing,
  related: readonly RelatedKey[],
  members: readonly FamilyMember[],
): readonly Wait[] {
  const states = new Map(members.map((each) => [each.region, each.state]))
  const waiting = Object.entries(family.authority.members).filter(([, { active }]) => !active)
  return waiting.flatMap(([replica, member]): Wait[] => {
    if (states.get(replica) === 'GONE') return []
    const there = related.find((each) => each.region === replica)?.snapshot.record
    const since = member.birth?.createdAt ?? there?.createdAt ?? null
    const text = `A replica in ${replica} is on its way: ${progress(member)}.`
    return [{ region, for: [replica], what: 'REPLICA', since, text }]
  })
}

function progress({ birth, full }: Member): string {
  if (birth !== null) return 'that Region has not heard of it yet'
  return `it is there, and ${full ? 'has not said yet that it is in use' : 'has not all key material yet'}`
}

/** Replicas that have not confirmed the newest shared properties. */
async function changeWaits({ region, family }: Governing, streams: FamilyStreams): Promise<readonly Wait[]> {
  const { epoch, revision, authority } = family
  // What is said while the authority moves is the next primary's to say.
  if (authority.handOff !== null) return []
  const behind = Object.entries(authority.members).filter(([, member]) => member.active && member.revision < revision)
  return Promise.all(
    behind.map(async ([replica, member]): Promise<Wait> => {
      const since = await streams.firstSaid(
        region,
        replica,
        (message) => message.epoch === epoch && message.body.type === 'sync' && message.body.revision > member.revision,
      )
      const text = `${replica} has not confirmed the newest of what it shares with ${region}.`
      return { region, for: [replica], what: 'CHANGES', since, text }
    }),
  )
}

/** A key that has heard what this version does not understand: what comes after it waits as well. */
async function haltWaits(
  record: KeyRecord,
  reads: Pick<RegionReads, 'keptMessages'>,
  streams: FamilyStreams,
): Promise<readonly Wait[]> {
  const kept = await reads.keptMessages(record.account, record.id)
  const [first] = kept
  if (first === undefined) return []
  const since = await streams.firstSaid(first.source, record.region, (_message, body) => body === first.body)
  const text =
    `${arnOf(record)} follows nobody: ${kept.length} of the messages that it has heard wait. The first, from ` +
    `${first.source}: ${first.reason} They are tried again at each start: upgrade this server.`
  return [{ region: record.region, for: [], what: 'UPGRADE', since, text }]
}

/** An authority that is on its way, seen from the one that gives it and from the one that has it. */
async function primaryWaits({ region, family }: Governing, streams: FamilyStreams): Promise<readonly Wait[]> {
  const { handOff, awaiting } = family.authority
  const waits: Wait[] = []
  if (handOff !== null) {
    const since = await streams.firstSaid(
      region,
      handOff.to,
      ({ epoch, body }) => body.type === 'handOff' && epoch === handOff.epoch,
    )
    const text = `${region} hands the key over to ${handOff.to}, and has not heard yet that it is primary there.`
    waits.push({ region, for: [handOff.to], what: 'PRIMARY', since, text })
  }
  if (awaiting !== null) {
    const since = await streams.firstSaid(
      region,
      awaiting,
      ({ epoch, body }) => body.type === 'accepted' && epoch === family.epoch,
    )
    const text = `${region} is primary, and ${awaiting} has not said yet that it is one no more.`
    waits.push({ region, for: [awaiting], what: 'PRIMARY', since, text })
  }
  return waits
}

/** A Region that does not know what it has done with the key, and asks all others. */
function recoveryWaits({ region, family }: KeyRecord): readonly Wait[] {
  if (family?.recovery === undefined) return []
  const { waits, without } = family.recovery
  const whether = without === undefined ? `Whether ${region} is still` : `${without} is gone: whether ${region} is`
  const whom = waits === null || waits.length === 0 ? 'all others' : waits.join(', ')
  const text = `${whether} the primary is known as soon as it has the answer of ${whom}.`
  return [{ region, for: waits ?? [], what: 'RECOVERY', since: null, text }]
}

function deletionWaits(record: KeyRecord): readonly Wait[] {
  if (record.deletion === null || record.deletion.at !== null) return []
  const regions = Object.keys(record.family?.authority?.members ?? {})
  const text = `${arnOf(record)} waits to be deleted until these are: ${regions.join(', ')}.`
  return [{ region: record.region, for: regions, what: 'DELETION', since: deletionAskedAt(record), text }]
}

/** New material that is not in use yet: of related keys, their primary waits. */
async function rotationWaits(record: KeyRecord, streams: FamilyStreams): Promise<readonly Wait[]> {
  const staged = stagedMaterial(record)
  const isLed = record.family !== null && record.family.authority === null
  if (staged === null || isLed) return []
  if (record.imports !== undefined) return importWaits(record, staged, streams)
  return isGoverning(record) ? generatedWaits(record, staged) : []
}

function generatedWaits(record: Governing, { requested }: Material): readonly Wait[] {
  if (requested === null) return []
  const { region } = record
  const members = Object.entries(record.family.authority.members)
  const lacking = members.filter(([, member]) => member.full && !member.holdsStaged).map(([each]) => each)
  const text = `${arnOf(record)} waits to rotate until the new material is in: ${lacking.join(', ') || 'use'}.`
  return [{ region, for: lacking, what: 'ROTATION', since: requested.at, text }]
}

/** New material that was imported: it is put to use by whoever asks for that. */
async function importWaits(record: KeyRecord, { id }: Material, streams: FamilyStreams): Promise<readonly Wait[]> {
  const { region, family } = record
  const lacking = regionsLacking(record, id)
  const named = Object.keys(family?.authority?.members ?? {}).map((to) =>
    streams.firstSaid(
      region,
      to,
      ({ body }) => body.type === 'sync' && body.shared.materials.some((each) => each.id === id),
    ),
  )
  const times = (await Promise.all(named)).filter((each) => each !== null)
  const since = times.length === 0 ? null : Math.min(...times)
  const short = id.slice(0, 12)
  const text =
    lacking.length === 0
      ? `${arnOf(record)} waits for RotateKeyOnDemand: the new material ${short} is imported everywhere.`
      : `${arnOf(record)} waits to rotate until the new material ${short} is imported in: ${lacking.join(', ')}.`
  return [{ region, for: lacking, what: lacking.length === 0 ? 'ROTATION' : 'IMPORT', since, text }]
}
