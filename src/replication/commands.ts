import { DAY_MS } from '../domain/limits.ts'
import { stagedMaterial, type KeyRecord } from '../domain/key.ts'
import type { Material } from '../domain/material-id.ts'
import { roleOf, type Family, type Member, type ReplicaBirth } from '../domain/multi-region.ts'
import type { Region } from '../domain/region.ts'
import {
  handOffMessage,
  isGoverning,
  isRelated,
  mapValues,
  message,
  messagesTo,
  publish,
  withAuthority,
  type Governing,
  type Seat,
  type Step,
} from './governing.ts'
import type { Message, MessageType } from './message.ts'
import { recalls } from './recovery.ts'

/** Begins a multi-Region key: its first Region is its primary. */
export function beginFamily(region: Region): Family {
  return {
    epoch: 1,
    revision: 1,
    incarnation: { epoch: 1, counter: 0 },
    active: true,
    primaryRegion: region,
    replicaRegions: [],
    authority: { members: {}, counter: 0, handOff: null, awaiting: null },
  }
}

/** The primary takes a Region as a member and asks it to be its replica. */
export function replicate(seat: Seat, to: Region, birth: ReplicaBirth): Step {
  const key = governing(seat)
  const counter = key.family.authority.counter + 1
  const member: Member = {
    incarnation: { epoch: key.family.epoch, counter },
    full: false,
    holdsStaged: false,
    active: false,
    revision: 0,
    birth,
  }
  const members = { ...key.family.authority.members, [to]: member }
  return publish(seat, withAuthority(key, { members, counter }))
}

/** The primary brings a new material; it is used once every full member holds it. */
export function rotate(seat: Seat, material: Material, now: number): Step {
  const key = governing(seat)
  return publish(seat, stage(key, material), now)
}

/** The primary changes a shared property other than material: automatic rotation. */
export function changeShared(seat: Seat, change: Pick<KeyRecord, 'rotation'>): Step {
  return publish(seat, { ...governing(seat), ...change })
}

/**
 * The primary gives its authority to a replica. From here on it is nobody's primary.
 *
 * @param requestId the request that asks for it, which both Regions record
 */
export function handOff(seat: Seat, to: Region, requestId?: string): Step {
  const key = governing(seat)
  const asked = requestId === undefined ? {} : { requestId }
  const handing = withAuthority(key, { handOff: { to, epoch: key.family.epoch + 1, ...asked } })
  return { seat: { ...seat, key: handing }, out: [handOffMessage(handing)] }
}

/** What a key has of its own in this Region changes; its related keys hear nothing of that. */
export function changeOwn(seat: Seat, key: KeyRecord): Step {
  return { seat: { ...seat, key }, out: [] }
}

/** A deletion is asked for. With members left, a primary waits for the last of them to be gone. */
export function scheduleDeletion(key: KeyRecord, windowDays: number, now: number): KeyRecord {
  const waits = Object.keys(key.family?.authority?.members ?? {}).length > 0
  return { ...key, enabled: false, deletion: { windowDays, at: waits ? null : now + windowDays * DAY_MS, since: now } }
}

/** The time has come: the key is no more, and the others hear of it. */
export function expire(seat: Seat): Step {
  const key = seat.key
  if (key === null || key.family === null) return { seat: { key: null, tombstone: seat.tombstone }, out: [] }
  const { family } = key
  const others = new Set([family.primaryRegion, ...family.replicaRegions].filter((region) => region !== key.region))
  const out = [...others].map((to) => message(key, to, family.epoch, family.incarnation, { type: 'left' }))
  const tombstone = { ...seat.tombstone, last: family.incarnation, outcome: seat.tombstone?.outcome ?? null }
  return { seat: { key: null, tombstone }, out }
}

/**
 * Says again what has not been answered yet: the only cure for what was heard without effect, and harmless at any time.
 *
 * @param isUnderWay whether a Region has yet to hear something of this kind of the key: that needs no repeating. What is
 *   of another kind says nothing: of two that ask each other, each may have an answer under way whenever it would ask
 */
export function repeat(seat: Seat, isUnderWay: (to: Region, type: MessageType) => boolean): Step {
  return { seat, out: unanswered(seat).filter(({ to, body }) => !isUnderWay(to, body.type)) }
}

function unanswered({ key }: Seat): readonly Message[] {
  if (isRelated(key) && key.family.recovery !== undefined) return recalls(key)
  if (!isGoverning(key)) return []
  if (key.family.authority.handOff !== null) return [handOffMessage(key)]
  const behind = Object.entries(key.family.authority.members).filter(([, member]) => isBehind(key, member))
  return behind.flatMap(([region, member]) => messagesTo(key, region, member))
}

/** Says whether the primary still waits for this member. */
export function isBehind(key: KeyRecord, member: Member): boolean {
  // Imported material comes to a member when somebody imports it there: that is not for repeating to bring about.
  const lacksStaged = key.imports === undefined && stagedMaterial(key) !== null && !member.holdsStaged
  return !member.active || !member.full || lacksStaged || member.revision < (key.family?.revision ?? 0)
}

/** Puts a new material behind the others. Members are not known to hold it. */
function stage(key: Governing, material: Material): Governing {
  const members = mapValues(key.family.authority.members, (member) => ({ ...member, holdsStaged: false }))
  return { ...withAuthority(key, { members }), materials: [...key.materials, material] }
}

function governing(seat: Seat): Governing {
  if (!isGoverning(seat.key) || roleOf(seat.key.family) !== 'PRIMARY') {
    throw new Error('INVARIANT: only a primary is asked for what only a primary may do')
  }
  return seat.key
}
