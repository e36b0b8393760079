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
import { NO_IMPORTS } from '../domain/imports.ts'
import { stagedMaterial, type KeyRecord } from '../domain/key.ts'
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
import { adopt } from './adopt.ts'
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
import type { Message, MessageBody } from './message.ts'
import { receiveRecall, receiveStanding, recover, withoutMember } from './recovery.ts'

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
    case 'lost':
      return receiveLost(seat, incoming)
    case 'recall':
      return receiveRecall(seat, incoming, incoming.body)
    case 'standing':
      return receiveStanding(seat, incoming, incoming.body, now)
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
  const tombstone = { ...seat.tombstone, last: incoming.incarnation, outcome: seat.tombstone?.outcome ?? null }
  return { seat: { key, tombstone }, out: [] }
}

function receiveSync(seat: Seat, incoming: Message, body: Body<'sync'>): Step {
  const { key } = seat
  if (!isRelated(key)) return leave(seat, incoming)
  const { family } = key
  if (compareIncarnations(family.incarnation, incoming.incarnation) !== 0) return unchanged(seat)
  if (incoming.epoch < family.epoch) return unchanged(seat)
  if (family.authority !== null) {
    // Another primary of the epoch that this Region is handing over exists: the hand-off was accepted. And whoever does
    // not know whether it is primary still is not, if there is another of a later epoch.
    const { handOff } = family.authority
    const isOver =
      family.recovery === undefined
        ? handOff !== null && incoming.epoch >= handOff.epoch
        : incoming.epoch > family.epoch
    if (!isOver) return unchanged(seat)
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
    full: isFull(key, member, body.materials),
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

/** A member that is in use and lacks what is used was put back: it is brought all of it. */
function isFull(key: Governing, { full, active }: Member, held: readonly MaterialId[]): boolean {
  const lacking = key.materials.filter((material) => !held.includes(material.id))
  const staged = stagedMaterial(key)
  const lacksUsed = lacking.some((material) => material.id !== staged?.id)
  return lacking.length === 0 || (full && !(active && lacksUsed))
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
  if (key?.family?.recovery !== undefined) return unchanged(seat)
  if (key === null && !isPast(seat, incoming.incarnation)) return { seat, out: [lostReply(incoming)] }
  const last = tombstone?.last ?? key?.family?.incarnation ?? incoming.incarnation
  const settle = (accepted: boolean): Tombstone => ({
    ...tombstone,
    last,
    outcome: { epoch: incoming.epoch, accepted },
  })
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
  if (roleOf(key.family) === 'RECOVERING') return unchanged(seat)
  // A hand-off to a Region that has left is refused by it; whatever it says before that answer must not end the wait.
  if (authority.handOff?.to === incoming.from) return unchanged(seat)
  const remaining = withoutMember(key, incoming.from, now)
  if (authority.handOff !== null) return { seat: { ...seat, key: remaining }, out: [] }
  return publish(seat, remaining, now)
}

/**
 * A hand-off met a Region that has forgotten: it may have been taken, and given on. Whoever gave authority away asks
 * all others before it takes it back.
 */
function receiveLost(seat: Seat, incoming: Message): Step {
  const { key } = seat
  if (!isGoverning(key) || !isAnswerTo(key, incoming)) return unchanged(seat)
  return recover(seat, { without: incoming.from })
}

/** A Region without the key leaves whoever takes it for a member, and never lives that life afterwards. */
function leave(seat: Seat, incoming: Message): Step {
  const { tombstone } = seat
  const out = [leftReply(incoming)]
  if (isPast(seat, incoming.incarnation)) return { seat, out }
  return {
    seat: { ...seat, tombstone: { ...tombstone, last: incoming.incarnation, outcome: tombstone?.outcome ?? null } },
    out,
  }
}

function lostReply(incoming: Message): Message {
  return { ...leftReply(incoming), body: { type: 'lost' } }
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
  return (
    roleOf(key.family) === 'HANDING_OFF' &&
    handOff !== null &&
    handOff.to === incoming.from &&
    handOff.epoch === incoming.epoch
  )
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
