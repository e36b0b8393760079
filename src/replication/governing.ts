import { holds } from '../domain/imports.ts'
import { stagedMaterial, type KeyRecord, type Material } from '../domain/key.ts'
import type { MaterialId } from '../domain/material-id.ts'
import {
  roleOf,
  type Authority,
  type Family,
  type ImportsKnown,
  type Incarnation,
  type Member,
  type Tombstone,
} from '../domain/multi-region.ts'
import type { Region } from '../domain/region.ts'
import type { Message, MessageBody, SharedProperties } from './message.ts'

/** All that one Region durably knows of one multi-Region key. */
export interface Seat {
  readonly key: KeyRecord | null
  readonly tombstone: Tombstone | null
}

/** The result of a transition. */
export interface Step {
  readonly seat: Seat
  readonly out: readonly Message[]
}

/** A key record that belongs to a family. */
export type Related = KeyRecord & { readonly family: Family }
/** A key record that holds authority. */
export type Governing = Related & { readonly family: Family & { readonly authority: Authority } }

/**
 * Puts the staged material to use if every full member holds it and nothing forbids it.
 *
 * One that was imported is put to use by whoever asks for it; what is worked out is whether that can be asked.
 *
 * @param now left out where nothing may be put to use
 */
export function settle(key: Governing, now?: number): Governing {
  const staged = stagedMaterial(key)
  // While handing over, a Region publishes nothing: what it says would be lost if the other accepts. Nor while it does
  // not know whether it is still primary.
  if (staged === null || roleOf(key.family) !== 'PRIMARY') return key
  if (key.imports !== undefined) return noteWhereImported(key, staged)
  if (now === undefined || key.deletion !== null) return key
  // One that was full and was put back is still in use.
  const waited = Object.values(key.family.authority.members).filter(({ full, active }) => full || active)
  if (!waited.every((member) => member.holdsStaged)) return key
  return activateStaged(key, staged, now)
}

function noteWhereImported(key: Governing, staged: Material): Governing {
  const members = Object.values(key.family.authority.members)
  const importedEverywhere =
    holds(key, staged.id) && members.every(({ imports }) => imports?.held.includes(staged.id) === true)
  if (importedEverywhere === staged.importedEverywhere) return key
  return { ...key, materials: [...key.materials.slice(0, -1), { ...staged, importedEverywhere }] }
}

/** The staged material becomes the current one. */
export function activateStaged<Key extends KeyRecord>(key: Key, staged: Material, now: number): Key {
  const type = staged.requested?.type ?? 'ON_DEMAND'
  const { importedEverywhere: _ready, ...material } = staged
  const used = { ...material, rotation: { at: now, type } }
  const materials = key.materials.map((each) => (each.id === staged.id ? used : each))
  return { ...key, materials, current: staged.id }
}

/** Raises the revision, uses what may be used, and tells every member. */
export function publish(seat: Seat, changed: Governing, now?: number): Step {
  const settled = settle(changed, now)
  const members = Object.entries(settled.family.authority.members)
  const key: Governing = {
    ...settled,
    family: {
      ...settled.family,
      revision: settled.family.revision + 1,
      replicaRegions: members.map(([region]) => region).toSorted(),
    },
  }
  return { seat: { ...seat, key }, out: members.flatMap(([region, member]) => messagesTo(key, region, member)) }
}

/**
 * The end of every step: what it has made possible is done with it, whoever made the step.
 *
 * INVARIANT: no key is written but through here. Nobody else comes back to a rotation that has waited.
 */
export function conclude(step: Step, now: number): Step {
  const { key } = step.seat
  if (!isGoverning(key) || settle(key, now) === key) return step
  const { seat, out } = publish(step.seat, key, now)
  return { seat, out: [...step.out, ...out] }
}

export function messagesTo(key: Governing, to: Region, member: Member): Message[] {
  const { family, spec, usage, origin } = key
  const sync = message(key, to, family.epoch, member.incarnation, {
    type: 'sync',
    revision: family.revision,
    activate: member.full,
    shared: sharedProperties(key),
    bring: missing(key, member),
  })
  if (member.birth === null) return [sync]
  const create = { type: 'create', spec, usage, origin, birth: member.birth } as const
  return [message(key, to, family.epoch, member.incarnation, create), sync]
}

/** The materials whose bytes a member is to be brought. */
function missing(key: Governing, member: Member): readonly MaterialId[] {
  // What was imported travels with nobody.
  if (key.imports !== undefined) return []
  if (!member.full) return key.materials.map((material) => material.id)
  const staged = stagedMaterial(key)
  return staged === null || member.holdsStaged ? [] : [staged.id]
}

export function handOffMessage(key: Governing): Message {
  const { members, counter, handOff } = key.family.authority
  if (handOff === null) throw new Error('INVARIANT: a hand-off message needs a hand-off')
  const { [handOff.to]: successor, ...others } = members
  if (successor === undefined) throw new Error('INVARIANT: authority goes to a member')
  const self: Member = {
    incarnation: key.family.incarnation,
    full: true,
    holdsStaged: stagedMaterial(key) !== null,
    active: true,
    revision: 0,
    birth: null,
    ...importsKnown(key),
  }
  return message(key, handOff.to, handOff.epoch, successor.incarnation, {
    type: 'handOff',
    shared: sharedProperties(key),
    members: { ...mapValues(others, (member) => ({ ...member, revision: 0 })), [key.region]: self },
    counter,
    ...(handOff.requestId !== undefined && { requestId: handOff.requestId }),
  })
}

/** What a member tells its primary. */
export function heldMessage(key: Related): Message {
  const { family } = key
  return message(key, family.primaryRegion, family.epoch, family.incarnation, {
    type: 'held',
    revision: family.revision,
    active: family.active,
    materials: key.materials.map((material) => material.id),
    ...importsKnown(key),
  })
}

export function importsKnown({ imports }: KeyRecord): { readonly imports?: ImportsKnown } {
  return imports === undefined ? {} : { imports: { revision: imports.revision, held: Object.keys(imports.held) } }
}

export function message(
  key: KeyRecord,
  to: Region,
  epoch: number,
  incarnation: Incarnation,
  body: MessageBody,
): Message {
  return { from: key.region, to, account: key.account, keyId: key.id, epoch, incarnation, body }
}

function sharedProperties(key: Related): SharedProperties {
  const { materials, current, rotation, onDemandRotations, family } = key
  return { materials, current, rotation, onDemandRotations, replicaRegions: family.replicaRegions }
}

export function isRelated(key: KeyRecord | null): key is Related {
  return key !== null && key.family !== null
}

export function isGoverning(key: KeyRecord | null): key is Governing {
  return isRelated(key) && key.family.authority !== null
}

export function withAuthority(key: Governing, change: Partial<Authority>): Governing {
  return { ...key, family: { ...key.family, authority: { ...key.family.authority, ...change } } }
}

export function mapValues<Value>(
  record: Readonly<Record<string, Value>>,
  change: (value: Value) => Value,
): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]))
}
