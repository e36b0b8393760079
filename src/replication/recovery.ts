/**
 * What becomes of a key in a Region that may have forgotten what it did: one that was put back from a backup, that lost
 * whom it gave authority to, or to which an operator gives the authority of a Region that is gone.
 *
 * It asks all others, and not only those that it takes for members: others may have become so since. What they say
 * decides. The highest epoch names the primary; where that is this Region, it goes on under a higher one.
 *
 * INVARIANT: nobody else can take authority over while this Region is named. Whoever could have it had it from here, and
 * would have told of its epoch.
 */
import { DAY_MS } from '../domain/limits.ts'
import { stagedMaterial } from '../domain/key.ts'
import {
  compareIncarnations,
  type Member,
  type Possession,
  type Recovery,
  type Standing,
  type Tombstone,
} from '../domain/multi-region.ts'
import type { Region } from '../domain/region.ts'
import { adopt } from './adopt.ts'
import {
  heldMessage,
  importsKnown,
  isGoverning,
  isRelated,
  message,
  publish,
  withAuthority,
  type Governing,
  type Related,
  type Seat,
  type Step,
} from './governing.ts'
import type { Message, MessageBody } from './message.ts'

/** By how much an operator's word raises an epoch: more than any number of moves of a primary. */
export const LEAP = 1_000_000_000

type Body<Type extends MessageBody['type']> = Extract<MessageBody, { type: Type }>

/** From now on the key asks all others what they know of it. */
export function recover(seat: Seat, why: Pick<Recovery, 'without' | 'leap'> = {}): Step {
  const { key, tombstone } = seat
  if (!isRelated(key)) return { seat, out: [] }
  const round = (tombstone?.recoveries ?? 0) + 1
  const kept: Tombstone = {
    last: tombstone?.last ?? key.family.incarnation,
    outcome: tombstone?.outcome ?? null,
    recoveries: round,
  }
  const recovery: Recovery = { round, waits: null, standings: {}, ...why }
  return { seat: { key: { ...key, family: { ...key.family, recovery } }, tombstone: kept }, out: [] }
}

/** Asks all other Regions that there are, once it is known who they are. */
export function ask(seat: Seat, others: readonly Region[], now: number): Step {
  const { key } = seat
  const recovery = recoveryOf(seat)
  if (!isRelated(key) || recovery === null || recovery.waits !== null) return { seat, out: [] }
  const asked = withRecovery(key, { ...recovery, waits: others.filter((region) => region !== recovery.without) })
  const step = decided({ ...seat, key: asked }, now)
  return { ...step, out: [...recalls(asked), ...step.out] }
}

/** What a Region that recovers a key has not been answered. */
export function recalls(key: Related): readonly Message[] {
  const { recovery, epoch, incarnation } = key.family
  if (recovery === undefined) return []
  const { round, waits, without } = recovery
  const materials = key.materials.map(({ id }) => id)
  const body = { type: 'recall', round, materials, ...(without !== undefined && { without }) } as const
  return (waits ?? []).map((to) => message(key, to, epoch, incarnation, body))
}

/** A Region tells one that recovers what it knows, and brings what that lacks. */
export function receiveRecall(before: Seat, incoming: Message, body: Body<'recall'>): Step {
  const seat = promised(before, incoming, body)
  const { key } = seat
  const held = isRelated(key) && key.imports === undefined ? key.materials.map(({ id }) => id) : []
  const answer: Message = {
    ...incoming,
    from: incoming.to,
    to: incoming.from,
    body: {
      type: 'standing',
      round: body.round,
      standing: standingOf(seat, incoming.from),
      bring: held.filter((id) => !body.materials.includes(id)),
    },
  }
  return { seat, out: [answer] }
}

/** Whoever hears that another is given authority gives it to nobody else afterwards. */
function promised(seat: Seat, { from }: Message, { without }: Body<'recall'>): Seat {
  const { key } = seat
  if (without === undefined || !isRelated(key) || key.family.authority !== null) return seat
  if (key.family.primaryRegion !== without || key.family.recovery !== undefined) return seat
  return { ...seat, key: { ...key, family: { ...key.family, primaryRegion: from } } }
}

/** An answer comes. One whose materials could not be opened is none: it is asked for again. */
export function receiveStanding(seat: Seat, incoming: Message, body: Body<'standing'>, now: number): Step {
  const { key } = seat
  const recovery = recoveryOf(seat)
  if (!isRelated(key) || recovery?.round !== body.round || recovery.waits?.includes(incoming.from) !== true) {
    return { seat, out: [] }
  }
  const { standing } = body
  const brought = standing.has === null ? key : joined(key, standing.has, body.bring)
  const known = new Set(brought.materials.map(({ id }) => id))
  if (key.imports === undefined && standing.has?.materials.every(({ id }) => known.has(id)) === false) {
    return { seat: { ...seat, key: brought }, out: [] }
  }
  const heard = withRecovery(brought, {
    ...recovery,
    waits: recovery.waits.filter((region) => region !== incoming.from),
    standings: { ...recovery.standings, [incoming.from]: standing },
  })
  return decided({ ...seat, key: heard }, now)
}

/**
 * A Region is gone for good: it is no member of any key any more, and nobody waits for it. A hand-off to it is not
 * simply taken back: it may have been accepted, and authority been given on.
 */
export function forget(seat: Seat, gone: Region, now: number): Step {
  const { key } = seat
  if (!isRelated(key)) return { seat, out: [] }
  const recovery = recoveryOf(seat)
  const rest = isGoverning(key) ? withoutMember(key, gone, now) : key
  if (recovery !== null) {
    const { [gone]: _said, ...standings } = recovery.standings
    const waits = recovery.waits?.filter((region) => region !== gone) ?? null
    if (waits?.length === recovery.waits?.length && rest === key) return { seat, out: [] }
    return decided({ ...seat, key: withRecovery(rest, { ...recovery, waits, standings }) }, now)
  }
  if (!isGoverning(rest) || rest === key) return { seat, out: [] }
  const { handOff } = rest.family.authority
  if (handOff?.to === gone) return recover({ ...seat, key: rest }, { without: gone, leap: LEAP })
  return handOff === null ? publish(seat, rest, now) : { seat: { ...seat, key: rest }, out: [] }
}

/**
 * Whoever is given authority is given its members with it, and among them may be Regions that it knows to be gone, and
 * whoever gave it does not: they are no members any more.
 *
 * @param forgetOne what it does for one that is gone
 */
export function withoutGone(
  before: Seat,
  step: Step,
  gone: readonly Region[],
  forgetOne: (seat: Seat, gone: Region) => Step,
): Step {
  if (isGoverning(before.key) || !isGoverning(step.seat.key)) return step
  return gone.reduce(({ seat, out }, region) => {
    const next = forgetOne(seat, region)
    return { seat: next.seat, out: [...out, ...next.out] }
  }, step)
}

/** Another Region was put back: what it has said of itself counts no more, and is asked for again. */
export function distrustMember(seat: Seat, region: Region): Step {
  const { key } = seat
  const member = isGoverning(key) ? key.family.authority.members[region] : undefined
  if (!isGoverning(key) || member === undefined) return { seat, out: [] }
  const { imports: _old, ...rest } = member
  // One that was full may have come into use without a word of it.
  const anew = { ...rest, full: false, holdsStaged: false, active: member.full || member.active, revision: 0 }
  const members = { ...key.family.authority.members, [region]: anew }
  return { seat: { ...seat, key: withAuthority(key, { members }) }, out: [] }
}

/** The key without one of its members; a deletion that has waited for the last of them begins to run. */
export function withoutMember(key: Governing, region: Region, now: number): Governing {
  const { authority } = key.family
  if (authority.members[region] === undefined && authority.awaiting !== region) return key
  const { [region]: _gone, ...members } = authority.members
  const awaiting = authority.awaiting === region ? null : authority.awaiting
  return withDeletion(withAuthority(key, { members, awaiting }), now)
}

/** The window of a deletion runs only where there is no member. */
function withDeletion(key: Governing, now: number): Governing {
  const { deletion } = key
  const isAlone = Object.keys(key.family.authority.members).length === 0
  if (deletion === null || isAlone === (deletion.at !== null)) return key
  return { ...key, deletion: { ...deletion, at: isAlone ? now + deletion.windowDays * DAY_MS : null } }
}

function recoveryOf({ key }: Seat): Recovery | null {
  return key?.family?.recovery ?? null
}

function withRecovery(key: Related, recovery: Recovery): Related {
  return { ...key, family: { ...key.family, recovery } }
}

/** What this Region knows of a key, as it tells `asker`. */
function standingOf({ key, tombstone }: Seat, asker: Region): Standing {
  const past = Math.max(tombstone?.last.epoch ?? 0, tombstone?.outcome?.epoch ?? 0)
  if (!isRelated(key)) return { highest: past, has: null }
  return { highest: Math.max(past, highestOf(key)), has: possessionOf(key, asker) }
}

function highestOf({ family }: Related): number {
  return Math.max(family.epoch, family.authority?.handOff?.epoch ?? 0)
}

function possessionOf(key: Related, asker: Region | null): Possession {
  const { family, materials, current, rotation, onDemandRotations } = key
  const { authority, revision, incarnation, active, recovery } = family
  const leap = recovery?.leap
  return {
    // Whoever an operator has given authority has it over everybody who comes back from now on.
    epoch: family.epoch + (leap ?? 0),
    revision,
    primaryRegion: authority === null && leap === undefined ? family.primaryRegion : key.region,
    governs: authority !== null,
    isRecovering: family.recovery !== undefined,
    incarnation,
    active,
    materials,
    current,
    rotation,
    onDemandRotations,
    ...importsKnown(key),
    counts: (asker === null ? null : authority?.members[asker]?.incarnation) ?? null,
  }
}

/** The key with what another has brought; what is used there is used here. */
function joined(key: Related, { materials, current }: Possession, brought: readonly string[]): Related {
  if (key.imports !== undefined) return key
  const held = new Set([...key.materials.map(({ id }) => id), ...brought])
  const { rotation, onDemandRotations } = key
  const known = materials.filter(({ id }) => held.has(id))
  return adopt(key, { materials, current, rotation, onDemandRotations }, known)
}

/** Once all have answered, what they have said decides. */
function decided(seat: Seat, now: number): Step {
  const { key, tombstone } = seat
  const recovery = recoveryOf(seat)
  if (!isRelated(key) || recovery === null) return { seat, out: [] }
  if (recovery.waits === null || recovery.waits.length > 0) return { seat, out: [] }
  const { recovery: _over, ...family } = key.family
  const knowing: Related = { ...key, family }
  const leader = leaderOf(key, recovery)
  const isNamed = leader.primaryRegion === key.region || leader.primaryRegion === recovery.without
  const past = Math.max(tombstone?.last.epoch ?? 0, tombstone?.outcome?.epoch ?? 0, highestOf(key))
  const highest = Math.max(past, ...Object.values(recovery.standings).map((standing) => standing.highest))
  if (isNamed) return lead({ ...seat, key: knowing }, knowing, recovery, leader, highest + (recovery.leap ?? 1), now)
  const primary = recovery.standings[leader.primaryRegion]?.has ?? null
  if (primary === null || isSure(primary, leader.epoch)) return follow(seat, knowing, leader, primary)
  // It is named, and did not know of that when it answered.
  const asked = { ...recovery, waits: [leader.primaryRegion] }
  return { seat: { ...seat, key: withRecovery(key, asked) }, out: [] }
}

/** Says whether a Region knows itself to be the primary under an epoch. */
function isSure({ governs, isRecovering, epoch }: Possession, of: number): boolean {
  return governs && !isRecovering && epoch === of
}

/** Who knows best: the highest epoch, and under it whoever has the authority and has forgotten nothing. */
function leaderOf(key: Related, { standings }: Recovery): Possession {
  const own = possessionOf(key, null)
  const others = Object.values(standings).flatMap(({ has }) => (has === null ? [] : [has]))
  const [first] = [own, ...others].toSorted(
    (a, b) =>
      b.epoch - a.epoch ||
      Number(isSure(b, b.epoch)) - Number(isSure(a, a.epoch)) ||
      b.revision - a.revision ||
      // Two that were both given authority agree on one of them.
      Number(a.primaryRegion > b.primaryRegion) - Number(a.primaryRegion < b.primaryRegion),
  )
  return first ?? own
}

/** This Region is the primary, under a new epoch, and of whoever has the key. */
function lead(
  seat: Seat,
  key: Related,
  { standings, without }: Recovery,
  leader: Possession,
  epoch: number,
  now: number,
): Step {
  const { materials, current, rotation, onDemandRotations } = newestOf(possessionOf(key, null), leader, standings)
  const shared = adopt(key, { materials, current, rotation, onDemandRotations }, [])
  const members: Record<Region, Member> = {}
  for (const [region, member] of Object.entries(key.family.authority?.members ?? {})) {
    // It was asked to have the key, and has not heard of that yet.
    if (member.birth !== null && region !== without) members[region] = member
  }
  for (const [region, { has }] of Object.entries(standings)) if (has !== null) members[region] = memberOf(shared, has)
  const governing: Governing = {
    ...shared,
    family: {
      ...shared.family,
      epoch,
      revision: 0,
      active: true,
      primaryRegion: key.region,
      authority: { members, counter: 0, handOff: null, awaiting: null },
    },
  }
  return publish(withOutcome(seat, key, { epoch, accepted: true }), withDeletion(governing, now))
}

/** Of those that follow the same primary, who has heard the most of it. */
function newestOf(own: Possession, leader: Possession, standings: Recovery['standings']): Possession {
  const all = [own, ...Object.values(standings).flatMap(({ has }) => (has === null ? [] : [has]))]
  const [newest] = all.filter(({ epoch }) => epoch === leader.epoch).toSorted((a, b) => b.revision - a.revision)
  return newest ?? own
}

function memberOf(key: Related, has: Possession): Member {
  const held = new Set(has.materials.map(({ id }) => id))
  const staged = stagedMaterial(key)
  const used = key.materials.filter(({ id }) => id !== staged?.id)
  return {
    incarnation: has.incarnation,
    full: key.materials.every(({ id }) => held.has(id)),
    holdsStaged: staged !== null && held.has(staged.id),
    // It may yet hear from a former primary that it is full.
    active: has.active || used.every(({ id }) => held.has(id)),
    revision: 0,
    birth: null,
    ...(has.imports !== undefined && { imports: has.imports }),
  }
}

/** Another Region is the primary. Where that does not count this life among its members, it has ended. */
function follow(seat: Seat, key: Related, leader: Possession, primary: Possession | null): Step {
  const outcome = { epoch: leader.epoch, accepted: false }
  const { family } = key
  const counts = primary?.counts ?? null
  const isCounted = counts !== null && compareIncarnations(counts, family.incarnation) === 0
  if (primary !== null && !isCounted) {
    return { seat: { ...withOutcome(seat, key, outcome), key: null }, out: [] }
  }
  const followed: Related = {
    ...key,
    family: { ...family, epoch: leader.epoch, revision: 0, primaryRegion: leader.primaryRegion, authority: null },
  }
  return { seat: withOutcome({ ...seat, key: followed }, key, outcome), out: [heldMessage(followed)] }
}

/** A hand-off of an epoch that is over by what others know is answered no more: its answer could only be wrong. */
function withOutcome({ key, tombstone }: Seat, { family }: Related, outcome: Tombstone['outcome']): Seat {
  const known = tombstone?.outcome ?? null
  const isNewer = known === null || (outcome !== null && outcome.epoch > known.epoch)
  const last = tombstone?.last ?? family.incarnation
  return { key, tombstone: { ...tombstone, last, outcome: isNewer ? outcome : known } }
}
