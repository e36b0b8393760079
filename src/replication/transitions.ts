/**
 * The life of a multi-Region key, as pure transitions: what a Region durably knows and what reaches it give
 * what it knows next and what it says. No clock, no randomness, no I/O. `driver.ts` runs them, one local
 * transaction a transition; `test/model/` explores these very functions exhaustively.
 *
 * INVARIANT: authority over a key is given up before anybody else may take it, and taken back only on a durable
 * refusal, never because time has passed. Hence there are never two primaries.
 * INVARIANT: a material is used only when every full member holds it, and a replica is used only when its primary
 * knows it to be full. Hence a ciphertext made anywhere opens everywhere.
 */
import { DAY_MS } from '../domain/limits.ts'
import { NO_IMPORTS, withoutImports } from '../domain/imports.ts'
import { currentGeneration, stagedMaterial, type Imports, type KeyRecord, type Material } from '../domain/key.ts'
import type { MaterialId } from '../domain/material-id.ts'
import {
  compareIncarnations,
  roleOf,
  type Family,
  type Incarnation,
  type Member,
  type Tombstone,
} from '../domain/multi-region.ts'
import type { Region } from '../domain/region.ts'
import {
  heldMessage,
  isGoverning,
  isRelated,
  messagesTo,
  publish,
  settle,
  withAuthority,
  type Governing,
  type Related,
  type Seat,
  type Step,
} from './governing.ts'
import type { Message, MessageBody, SharedProperties } from './message.ts'

/** A message of a type that this version does not know. */
export class UnknownMessageError extends Error {}

/**
 * Takes in one message. Whatever is late, repeated or meant for another life of the key changes nothing.
 *
 * @throws UnknownMessageError where a newer version has said it
 */
export function receive(seat: Seat, region: Region, incoming: Message, now: number): Step {
  switch (incoming.body.type) {
    case 'create':
      return receiveCreate(seat, region, incoming, incoming.body)
    case 'sync':
      return receiveSync(seat, incoming, incoming.body)
    case 'held':
      return receiveHeld(seat, incoming, incoming.body, now)
    case 'handOff':
      return receiveHandOff(seat, region, incoming, incoming.body)
    case 'accepted':
      return receiveAccepted(seat, incoming)
    case 'refused':
      return receiveRefused(seat, incoming)
    case 'left':
      return receiveLeft(seat, incoming, now)
    default: {
      const { type } = incoming.body satisfies never as MessageBody
      throw new UnknownMessageError(`This version knows no message of type "${type}". A newer one has said it.`)
    }
  }
}

type Body<Type extends MessageBody['type']> = Extract<MessageBody, { type: Type }>

function receiveCreate(seat: Seat, region: Region, incoming: Message, body: Body<'create'>): Step {
  if (seat.key !== null) return unchanged(seat)
  if (isPast(seat, incoming.incarnation)) return { seat, out: [leftReply(incoming)] }
  const { birth, spec, usage, origin } = body
  const key: KeyRecord = {
    account: incoming.account,
    region,
    id: incoming.keyId,
    ...birth,
    spec,
    usage,
    origin,
    enabled: true,
    deletion: null,
    materials: [],
    current: null,
    ...(origin === 'EXTERNAL' && { imports: NO_IMPORTS }),
    rotation: null,
    onDemandRotations: 0,
    family: {
      epoch: incoming.epoch,
      revision: 0,
      incarnation: incoming.incarnation,
      active: false,
      primaryRegion: incoming.from,
      replicaRegions: [region],
      authority: null,
    },
  }
  return { seat: { key, tombstone: { last: incoming.incarnation, outcome: seat.tombstone?.outcome ?? null } }, out: [] }
}

function receiveSync(seat: Seat, incoming: Message, body: Body<'sync'>): Step {
  const { key } = seat
  if (!isRelated(key))
    return isPast(seat, incoming.incarnation) ? { seat, out: [leftReply(incoming)] } : unchanged(seat)
  const { family } = key
  if (compareIncarnations(family.incarnation, incoming.incarnation) !== 0) return unchanged(seat)
  if (incoming.epoch < family.epoch) return unchanged(seat)
  if (family.authority !== null) {
    // Another primary of the epoch that this Region is handing over exists: the hand-off was accepted.
    const { handOff } = family.authority
    if (handOff === null || incoming.epoch < handOff.epoch) return unchanged(seat)
  }
  const held = new Set(key.materials.map((material) => material.id))
  const known = body.shared.materials.filter((material) => held.has(material.id) || body.bring.includes(material.id))
  const isNews = incoming.epoch > family.epoch || body.revision >= family.revision
  const followed: Related = {
    ...adopt(key, isNews ? body.shared : key, known),
    family: {
      ...family,
      authority: null,
      active: family.active || body.activate,
      ...(isNews && {
        epoch: incoming.epoch,
        revision: body.revision,
        primaryRegion: incoming.from,
        replicaRegions: body.shared.replicaRegions,
      }),
    },
  }
  return { seat: { ...seat, key: followed }, out: [heldMessage(followed)] }
}

function receiveHeld(seat: Seat, incoming: Message, body: Body<'held'>, now: number): Step {
  const key = presiding(seat, incoming)
  const member = key?.family.authority.members[incoming.from]
  if (!key || !member || compareIncarnations(member.incarnation, incoming.incarnation) !== 0) return unchanged(seat)
  const staged = stagedMaterial(key)
  const seen: Member = {
    incarnation: member.incarnation,
    full: member.full || key.materials.every((material) => body.materials.includes(material.id)),
    holdsStaged: staged !== null && (member.holdsStaged || body.materials.includes(staged.id)),
    active: member.active || body.active,
    revision: Math.max(member.revision, body.revision),
    birth: null,
    ...newerImports(member, body),
  }
  const { authority } = key.family
  const heard = withAuthority(key, {
    members: { ...authority.members, [incoming.from]: seen },
    awaiting: authority.awaiting === incoming.from ? null : authority.awaiting,
  })
  const settled = settle(heard, now)
  if (settled !== heard) return publish(seat, settled, now)
  const becameFull = seen.full && !member.full
  return { seat: { ...seat, key: heard }, out: becameFull ? messagesTo(heard, incoming.from, seen) : [] }
}

/** What a member has imported can become less: only the newest that it said counts. */
function newerImports(member: Member, { imports: said }: Body<'held'>): Pick<Member, 'imports'> {
  const known = member.imports
  const imports = known === undefined || (said !== undefined && said.revision > known.revision) ? said : known
  return imports === undefined ? {} : { imports }
}

function receiveHandOff(seat: Seat, region: Region, incoming: Message, body: Body<'handOff'>): Step {
  const { key, tombstone } = seat
  const outcome = tombstone?.outcome ?? null
  const reply = (accepted: boolean): Message => ({
    ...incoming,
    from: region,
    to: incoming.from,
    body: { type: accepted ? 'accepted' : 'refused' },
  })
  if (outcome !== null && outcome.epoch >= incoming.epoch) {
    return outcome.epoch === incoming.epoch ? { seat, out: [reply(outcome.accepted)] } : unchanged(seat)
  }
  const last = tombstone?.last ?? key?.family?.incarnation ?? incoming.incarnation
  const settle = (accepted: boolean): Tombstone => ({ last, outcome: { epoch: incoming.epoch, accepted } })
  if (!isRelated(key) || !mayTakeOver(key, incoming, body)) {
    return { seat: { key, tombstone: settle(false) }, out: [reply(false)] }
  }
  const promoted: Governing = {
    ...adopt(key, body.shared, body.shared.materials),
    family: {
      ...key.family,
      epoch: incoming.epoch,
      revision: 0,
      primaryRegion: region,
      authority: { members: body.members, counter: 0, handOff: null, awaiting: incoming.from },
    },
  }
  const step = publish({ key, tombstone: settle(true) }, promoted)
  return { seat: step.seat, out: [reply(true), ...step.out] }
}

function receiveAccepted(seat: Seat, incoming: Message): Step {
  const { key } = seat
  if (!isGoverning(key) || !isAnswerTo(key, incoming)) return unchanged(seat)
  // Revision 0 of the new epoch: whatever the new primary publishes first is news.
  const family: Family = {
    ...key.family,
    epoch: incoming.epoch,
    revision: 0,
    primaryRegion: incoming.from,
    replicaRegions: withRegion(without(key.family.replicaRegions, incoming.from), key.region),
    authority: null,
  }
  return { seat: { ...seat, key: { ...key, family } }, out: [] }
}

function receiveRefused(seat: Seat, incoming: Message): Step {
  const { key } = seat
  if (!isGoverning(key) || !isAnswerTo(key, incoming)) return unchanged(seat)
  const resumed = withAuthority(key, { handOff: null })
  return publish(seat, { ...resumed, family: { ...resumed.family, epoch: incoming.epoch + 1, revision: 0 } })
}

function receiveLeft(seat: Seat, incoming: Message, now: number): Step {
  const { key } = seat
  const member = isGoverning(key) ? key.family.authority.members[incoming.from] : undefined
  if (!isGoverning(key) || !member || compareIncarnations(member.incarnation, incoming.incarnation) !== 0) {
    return unchanged(seat)
  }
  const { authority } = key.family
  // A hand-off to a Region that has left is refused by it; whatever it says before that answer must not end the wait.
  if (authority.handOff?.to === incoming.from) return unchanged(seat)
  const { [incoming.from]: _gone, ...members } = authority.members
  const alone = Object.keys(members).length === 0
  const { deletion } = key
  const remaining: Governing = {
    ...withAuthority(key, { members, awaiting: authority.awaiting === incoming.from ? null : authority.awaiting }),
    deletion: deletion?.at === null && alone ? { ...deletion, at: now + deletion.windowDays * DAY_MS } : deletion,
  }
  if (authority.handOff !== null) return { seat: { ...seat, key: remaining }, out: [] }
  return publish(seat, remaining, now)
}

/** What a Region without the key answers to whoever takes it for a member. */
function leftReply(incoming: Message): Message {
  return { ...incoming, from: incoming.to, to: incoming.from, body: { type: 'left' } }
}

/** A hand-off is accepted only by an enabled replica of that life that knows every material. */
function mayTakeOver(key: Related, incoming: Message, body: Body<'handOff'>): boolean {
  const known = new Set(key.materials.map((material) => material.id))
  return (
    compareIncarnations(key.family.incarnation, incoming.incarnation) === 0 &&
    incoming.epoch > key.family.epoch &&
    key.family.authority === null &&
    key.family.active &&
    key.enabled &&
    key.deletion === null &&
    body.shared.materials.every((material) => known.has(material.id))
  )
}

function isAnswerTo(key: Governing, incoming: Message): boolean {
  const { handOff } = key.family.authority
  return handOff !== null && handOff.to === incoming.from && handOff.epoch === incoming.epoch
}

/** The key, if this Region is its primary under the message's epoch. */
function presiding(seat: Seat, incoming: Message): Governing | null {
  const { key } = seat
  return isGoverning(key) && roleOf(key.family) === 'PRIMARY' && key.family.epoch === incoming.epoch ? key : null
}

/** Says whether this Region has been, or been past, that life of the key. */
function isPast(seat: Seat, incarnation: Incarnation): boolean {
  return seat.tombstone !== null && compareIncarnations(incarnation, seat.tombstone.last) <= 0
}

function unchanged(seat: Seat): Step {
  return { seat, out: [] }
}

function without(regions: readonly Region[], region: Region): readonly Region[] {
  return regions.filter((other) => other !== region)
}

function withRegion(regions: readonly Region[], region: Region): readonly Region[] {
  return [...without(regions, region), region].toSorted()
}

/**
 * Takes over shared properties. Materials, unless imported, only ever grow and the current one never steps back, so that a message
 * that comes late can do no harm.
 */
function adopt(key: Related, shared: Omit<SharedProperties, 'replicaRegions'>, known: readonly Material[]): Related {
  if (key.imports !== undefined) return adoptImported(key, key.imports, shared)
  const merged = new Map<MaterialId, Material>()
  for (const material of [...key.materials, ...known]) {
    const before = merged.get(material.id)
    merged.set(material.id, before?.rotation ? before : material)
  }
  const materials = [...merged.values()].toSorted((a, b) => a.generation - b.generation)
  const isStep =
    merged.has(shared.current ?? '') && currentGeneration({ ...shared, materials }) > currentGeneration(key)
  return {
    ...key,
    materials,
    current: isStep ? shared.current : key.current,
    rotation: shared.rotation,
    onDemandRotations: shared.onDemandRotations,
  }
}

/**
 * Imported materials are named by the primary and held by whoever imports them. One that was never used can be taken
 * back; it is then forgotten here as well.
 */
function adoptImported(key: Related, imports: Imports, shared: Omit<SharedProperties, 'replicaRegions'>): Related {
  const { materials, current, onDemandRotations } = shared
  const named = new Set(materials.map((material) => material.id))
  return { ...key, materials, current, onDemandRotations, imports: withoutImports(imports, (id) => named.has(id)) }
}
