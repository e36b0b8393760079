import {
  CancelKeyDeletionCommand,
  EnableKeyCommand,
  GetKeyRotationStatusCommand,
  paginateListKeyRotations,
  type KeyMetadata,
} from '@aws-sdk/client-kms'
import { existsSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { dataDirectory } from '../../src/server/data/data-directory.ts'
import { readAuditFiles } from '../../src/storage/audit/reader.ts'
import { decrypt, describe, findPrimary } from './calls.ts'
import { mayActAsPrimary, rescue } from './disasters.ts'
import { unsettledVisitors } from './visitors.ts'
import { clientAt, Violation, type DrivenKey, type World } from './world.ts'

/** A process that only follows hands its records over: they are there within so many milliseconds. */
const RECORDED_MS = 30_000

/** A Region and what its key tells of itself. */
type Related = readonly { readonly at: number; readonly found: KeyMetadata }[]

/** Holds every key against what was answered: never two primaries, and every Region keeps what it was told. */
export async function checkKeys(world: World): Promise<void> {
  for (const key of world.keys) if (key !== null) await checkKey(world, key)
  world.figures.checks += 1
}

async function checkKey(world: World, key: DrivenKey): Promise<void> {
  const first = await relatedKeys(world, key)
  const again = await relatedKeys(world, key)
  // One that is primary before and after another was seen to be it was primary at that moment.
  const claims = primariesOf(first).filter((at) => primariesOf(again).includes(at))
  const lasting = []
  for (const at of claims) {
    // One that was put back says what it remembers, and does nothing by it.
    if (claims.length === 1 || !world.putBack.has(at) || (await mayActAsPrimary(world, key, at))) lasting.push(at)
  }
  if (lasting.length > 1) throw new Violation(`${key.id} has primaries in ${named(world, lasting)}`)
  for (const [at, told] of key.told) {
    const found = again.find((each) => each.at === at)?.found
    if (found === undefined) continue
    const isScheduled = found.KeyState?.startsWith('Pending') === true && found.KeyState !== 'PendingImport'
    const where = `${key.id} in ${world.regions[at]}, which is ${found.KeyState},`
    if (told.scheduled !== undefined && told.scheduled !== isScheduled) {
      throw new Violation(`${where} forgot whether it is to be deleted: it should be ${told.scheduled}`)
    }
    const isEnabled = ['Enabled', 'Updating'].includes(found.KeyState ?? '')
    const isSaid = found.KeyState === 'Disabled' || isEnabled
    if (told.scheduled === false && told.enabled !== undefined && isSaid && told.enabled !== isEnabled) {
      throw new Violation(`${where} forgot whether it is enabled: it should be ${told.enabled}`)
    }
    Object.assign(told, { scheduled: isScheduled, ...(isSaid && { enabled: isEnabled }) })
  }
}

async function relatedKeys(world: World, key: DrivenKey): Promise<Related> {
  const found = await Promise.all([...world.regions.keys()].map((at) => describe(world, key.id, at)))
  return found.flatMap((each, at) => (each === null ? [] : [{ at, found: each }]))
}

function primariesOf(related: Related): readonly number[] {
  return related.flatMap(({ at, found }) =>
    found.MultiRegionConfiguration?.MultiRegionKeyType === 'PRIMARY' ? [at] : [],
  )
}

/**
 * Takes back every deletion, enables every key, and lets the Regions hear each other: within some rounds all that was
 * asked for must have happened, and related keys must be alike.
 */
export async function settle(world: World): Promise<void> {
  let left = ''
  for (let round = 0; round < world.house.rounds; round += 1) {
    left = await settleOnce(world)
    if (left === '') break
    await world.house.advance('1s')
    await setTimeout(world.house.settlingMs)
  }
  if (left !== '') throw new Violation(`after ${world.house.rounds} rounds ${left}`)
  world.putBack.clear()
  for (const [place, key] of world.keys.entries()) {
    if (key !== null && (await relatedKeys(world, key)).length === 0) forget(world, place)
  }
  for (const sealed of world.sealed) {
    for (const at of world.regions.keys()) if (!world.lost.has(at)) await decrypt(world, sealed, at)
  }
  world.figures.settled += 1
}

/** Gives what has not settled yet, in words; empty where all has. */
async function settleOnce(world: World): Promise<string> {
  try {
    // A key that was scheduled by itself as a primary, or is enabled after its move, is seen only at a later time.
    for (const key of world.keys) if (key !== null) await release(world, key)
    await rescue(world)
    for (const key of world.keys) if (key !== null) await release(world, key)
    return (await unsettled(world)) || (await unsettledVisitors(world))
  } catch (error) {
    if (error instanceof Violation || !world.house.takesOver) throw error
    return String(error)
  }
}

async function release(world: World, key: DrivenKey): Promise<void> {
  for (const { at, found } of await relatedKeys(world, key)) {
    const client = clientAt(world, at)
    const state = found.KeyState
    if (state === 'PendingDeletion' || state === 'PendingReplicaDeletion') {
      await client.send(new CancelKeyDeletionCommand({ KeyId: key.id }))
    }
    const now = (await describe(world, key.id, at))?.KeyState
    if (now === 'Disabled') await client.send(new EnableKeyCommand({ KeyId: key.id }))
    if (now !== undefined && now !== 'Creating')
      key.told.set(at, { enabled: now === 'PendingImport' ? undefined : true, scheduled: false })
  }
}

/** A key that is gone everywhere takes what it has encrypted with it. */
function forget(world: World, place: number): void {
  const key = world.keys[place]
  if ([...(key?.told.values() ?? [])].every(({ scheduled }) => scheduled === false)) {
    throw new Violation(`${key?.id} is gone, and nobody has asked for that`)
  }
  world.keys[place] = null
  const kept = world.sealed.filter(({ key: of }) => of !== place)
  world.sealed.splice(0, world.sealed.length, ...kept)
}

/** What has not settled yet, in words; empty where all has. */
async function unsettled(world: World): Promise<string> {
  for (const key of world.keys) {
    if (key === null) continue
    const related = await relatedKeys(world, key)
    const wrong = related.length === 0 ? '' : await whatIsOpen(world, key, related)
    if (wrong !== '') return `${key.id} ${wrong} (${describeAll(world, related)})`
  }
  return ''
}

async function whatIsOpen(world: World, key: DrivenKey, related: Related): Promise<string> {
  const primaries = primariesOf(related)
  if (primaries.length !== 1) return `has primaries in ${named(world, primaries) || 'no Region'}`
  await findPrimary(world, key)
  const allowed = key.external ? ['Enabled', 'PendingImport'] : ['Enabled']
  if (related.some(({ found }) => !allowed.includes(found.KeyState ?? ''))) return 'is not enabled everywhere'
  const there = regionsIn(related.map(({ at }) => world.regions[at]))
  for (const { found } of related) {
    const { PrimaryKey, ReplicaKeys = [] } = found.MultiRegionConfiguration ?? {}
    const said = regionsIn([PrimaryKey?.Region, ...ReplicaKeys.map(({ Region }) => Region)])
    if (said !== there) return `says that it is in ${said}`
  }
  if (new Set(related.map(({ found }) => found.CurrentKeyMaterialId)).size > 1) return 'has different materials'
  return whatRotates(world, key, related)
}

async function whatRotates(world: World, key: DrivenKey, related: Related): Promise<string> {
  if (related.some(({ found }) => found.KeyState === 'PendingImport')) return ''
  const KeyId = key.id
  const statuses = await Promise.all(
    related.map(({ at }) => clientAt(world, at).send(new GetKeyRotationStatusCommand({ KeyId }))),
  )
  if (statuses.some(({ OnDemandRotationStartDate }) => OnDemandRotationStartDate !== undefined)) {
    return 'waits for a rotation'
  }
  const schedules = statuses.map(
    ({ KeyRotationEnabled, NextRotationDate }) => `${KeyRotationEnabled} ${NextRotationDate?.toISOString()}`,
  )
  if (new Set(schedules).size > 1) return `rotates as ${schedules.join(' and ')}`
  let rotations = 0
  for await (const page of paginateListKeyRotations({ client: clientAt(world, key.primary) }, { KeyId })) {
    rotations += (page.Rotations ?? []).filter(({ RotationType }) => RotationType === 'ON_DEMAND').length
  }
  const most = key.rotations + key.maybeRotations
  if (rotations < key.rotations || rotations > most) {
    return `was rotated ${rotations} times, not ${key.rotations} to ${most}`
  }
  key.isRotating = false
  return ''
}

/** Every answered call has a record, before long, and no log has one twice. */
export async function checkRecords(world: World): Promise<void> {
  const end = performance.now() + RECORDED_MS
  for (;;) {
    const requests = new Set<string>()
    for (const region of world.regions) {
      for (const path of world.house.pathsOf(region)) await readRecords(path, requests)
    }
    const missing = [...world.answered].find((id) => !requests.has(id))
    if (missing === undefined) return
    if (performance.now() > end) throw new Violation(`answered request ${missing} has no record`)
    await setTimeout(world.house.settlingMs)
  }
}

async function readRecords(path: string, requests: Set<string>): Promise<void> {
  const events = new Set<string>()
  const { audits } = dataDirectory(path)
  // A process that has only stood by has none. Old days are compressed.
  if (!existsSync(audits)) return
  for await (const line of readAuditFiles(audits, '')) {
    const { eventID, requestID } = JSON.parse(line) as { eventID: string; requestID?: string }
    if (events.has(eventID)) throw new Violation(`record ${eventID} is twice in ${path}`)
    events.add(eventID)
    if (requestID !== undefined) requests.add(requestID)
  }
}

function regionsIn(names: readonly (string | undefined)[]): string {
  return names
    .map(String)
    .toSorted((a, b) => a.localeCompare(b))
    .join(', ')
}

function named(world: World, places: readonly number[]): string {
  return places.map((at) => world.regions[at]).join(', ')
}

function describeAll(world: World, related: Related): string {
  return related
    .map(({ at, found: { KeyState, MultiRegionConfiguration: family, CurrentKeyMaterialId } }) =>
      [world.regions[at], KeyState, family?.MultiRegionKeyType, CurrentKeyMaterialId?.slice(0, 8)].join(' '),
    )
    .join('; ')
}
