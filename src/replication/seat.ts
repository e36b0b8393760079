import type { KeyObject } from 'node:crypto'
import { holds } from '../domain/imports.ts'
import { KEY_SPECS } from '../domain/key-spec.ts'
import { arnOf, type KeyRecord } from '../domain/key.ts'
import type { MaterialId } from '../domain/material-id.ts'
import { recordServiceEvent, type AuditRecord, type ServiceEvent } from '../kernel/audit.ts'
import type { RegionReads, RegionWrites, Touched } from '../storage/store.ts'
import type { Vault } from '../storage/vault.ts'
import { isBehind } from './commands.ts'
import { conclude, isGoverning, type Seat, type Step } from './governing.ts'
import { appendToStream } from './outbox.ts'

/** The bytes of materials that a transition brings into a Region. */
export type Brought = ReadonlyMap<MaterialId, KeyObject>

/** What a step is written with, in one transaction. */
export interface Pen {
  readonly writes: RegionWrites
  readonly vault: Vault
  readonly note: (record: AuditRecord) => Promise<void>
}

/** Of a step that brings no material. */
export const NOTHING: Brought = new Map()

/** Reads what this Region knows of a key. */
export async function readSeat(reads: RegionReads, account: string, keyId: string): Promise<Seat> {
  return { key: await reads.key(account, keyId), tombstone: await reads.tombstone(account, keyId) }
}

/**
 * Writes a transition: the key, its new materials, what must outlive it, and what it says to others. With it goes what
 * it has made possible, and the record of that.
 *
 * Everything of it is in the transaction of the pen; nothing else makes it true.
 */
export async function writeStep(pen: Pen, before: Seat, step: Step, brought: Brought, now: number): Promise<void> {
  const { writes, vault, note } = pen
  const { seat, out } = conclude(step, now)
  const { key, tombstone } = seat
  if (key !== null && key !== before.key) await writeKey(writes, vault, before.key, key, brought)
  if (key === null && before.key !== null) await writes.deleteKey(before.key.account, before.key.id)
  // A Region that leaves what it has never had, or has forgotten, says so.
  const named = keyNamed(key ?? before.key) ?? out[0] ?? null
  if (tombstone !== null && tombstone !== before.tombstone && named !== null) {
    await writes.putTombstone(named.account, named.keyId, tombstone)
  }
  for (const message of out) await appendToStream(writes, message, now)
  for (const record of eventsOf(step.seat, seat, now)) await note(record)
}

function keyNamed(key: KeyRecord | null): Touched | null {
  return key && { account: key.account, keyId: key.id }
}

async function writeKey(
  writes: RegionWrites,
  vault: Vault,
  before: KeyRecord | null,
  key: KeyRecord,
  brought: Brought,
): Promise<void> {
  const known = new Set(before?.materials.map((material) => material.id))
  for (const { id, generation } of key.materials) {
    const wasHere = before !== null && holds(before, id)
    const isHere = holds(key, id)
    if (isHere && !wasHere) {
      const material = brought.get(id)
      if (material === undefined) throw new Error('INVARIANT: a key holds only materials whose bytes are stored')
      await writes.putMaterial(vault.seal(key, id, generation, material))
    }
    if (!isHere && (wasHere || !known.has(id))) {
      await writes.putAbsentMaterial({ id, account: key.account, keyId: key.id, generation })
    }
    known.delete(id)
  }
  for (const id of known) await writes.deleteMaterial(id)
  await writes.putKey(key, isUnsettled(key))
}

/** Says whether other Regions have yet to confirm something. */
export function isUnsettled(key: KeyRecord): boolean {
  if (key.family?.recovery !== undefined) return true
  if (!isGoverning(key)) return false
  const { members, handOff } = key.family.authority
  return handOff !== null || Object.values(members).some((member) => isBehind(key, member))
}

/**
 * The records of what a transition did by itself, without an API call in this Region.
 *
 * @param requestId the request in another Region that led to it, where it is known
 */
export function eventsOf(before: Seat, after: Seat, now: number, requestId?: string): readonly AuditRecord[] {
  const was = before.key
  const is = after.key
  const named = is ?? was
  if (named === null || was === is) return []
  const { region } = named
  const about = { region, now, account: named.account, keyArn: arnOf(named) }
  const event = (eventName: ServiceEvent['eventName'], more: Partial<ServiceEvent> = {}) =>
    recordServiceEvent({ ...about, eventName, ...more })
  if (was === null) return [event('CreateKey', { requestParameters: { multiRegion: true, keySpec: named.spec } })]
  if (is === null) return [event('DeleteKey')]
  const hasGained = isGoverning(is) && !isGoverning(was)
  if (hasGained)
    return [
      event('UpdatePrimaryRegion', { requestId, requestParameters: { keyId: about.keyArn, primaryRegion: region } }),
    ]
  if (was.current === is.current) return isGoverning(is) ? [] : [event('SynchronizeMultiRegionKey')]
  if (!isGoverning(is) && is.family !== null) return [event('SynchronizeMultiRegionKey')]
  return [event('RotateKey', { details: rotationDetails(was, is) })]
}

function rotationDetails(was: KeyRecord, is: KeyRecord): Readonly<Record<string, unknown>> {
  return {
    rotationType: is.materials.find((material) => material.id === is.current)?.rotation?.type,
    keyOrigin: is.origin,
    previousKeyMaterialId: was.current,
    currentKeyMaterialId: is.current,
    keyId: is.id,
  }
}

/** The record of an imported material that was deleted because its time was over. */
export function recordExpiry(key: KeyRecord, id: MaterialId, now: number): AuditRecord {
  const details = { keyId: key.id, ...(KEY_SPECS[key.spec].rotatable && { keyMaterialId: id }) }
  const about = { region: key.region, now, account: key.account, keyArn: arnOf(key) }
  return recordServiceEvent({ ...about, eventName: 'DeleteExpiredKeyMaterial', details })
}
