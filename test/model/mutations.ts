import { stagedMaterial } from '../../src/domain/key.ts'
import {
  activateStaged,
  isGoverning,
  mapValues,
  withAuthority,
  type Seat,
  type Step,
} from '../../src/replication/governing.ts'
import type { Region } from '../../src/domain/region.ts'
import type { Message } from '../../src/replication/message.ts'
import type { Scenario } from './explore.ts'
import { NOW, PROTOCOL, type Protocol } from './protocol.ts'

/** A protocol that is wrong in one way, and a scenario in which that must come to light. */
export interface Mutation {
  readonly name: string
  readonly protocol: Protocol
  readonly scenario: Scenario
  /** It comes to light after half a minute: by `npm run model`, and not with every test run. */
  readonly isDeep?: true
}

/** Every wrong turn that the protocol's design avoids. */
export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'a rotation is used before every Region holds it',
    scenario: { replicate: 1, rotate: 1 },
    protocol: { ...PROTOCOL, rotate: (seat, material, now) => activated(PROTOCOL.rotate(seat, material, now)) },
  },
  {
    name: 'a replica counts as full before it said so',
    scenario: { replicate: 1, rotate: 1 },
    protocol: {
      ...PROTOCOL,
      replicate: (seat, to, birth) => withMembers(PROTOCOL.replicate(seat, to, birth), { full: true }),
    },
  },
  {
    name: 'a replica enables itself as soon as it hears from its primary',
    scenario: { replicate: 1, rotate: 1 },
    protocol: {
      ...PROTOCOL,
      receive: (seat, region, message, now) =>
        PROTOCOL.receive(
          seat,
          region,
          message.body.type === 'sync' ? { ...message, body: { ...message.body, activate: true } } : message,
          now,
        ),
    },
  },
  {
    name: 'a primary takes its authority back when nobody has answered',
    scenario: { replicate: 1, handOff: 1 },
    protocol: { ...PROTOCOL, spontaneous: (seat) => reclaimed(seat) },
  },
  {
    name: 'a primary stays primary until it hears that the other accepted',
    scenario: { replicate: 1, handOff: 1 },
    protocol: { ...PROTOCOL, handOff: (seat, to) => ({ seat, out: PROTOCOL.handOff(seat, to).out }) },
  },
  {
    name: 'a refusal of a hand-off is forgotten',
    scenario: { replicate: 1, handOff: 1, disable: 1, enable: 1 },
    protocol: {
      ...PROTOCOL,
      receive: (seat, region, message, now) => {
        const step = PROTOCOL.receive(seat, region, message, now)
        const isRefusal = step.out.some(({ body }) => body.type === 'refused')
        return isRefusal ? { ...step, seat: { ...step.seat, tombstone: seat.tombstone } } : step
      },
    },
  },
  {
    name: 'a hand-off leaves the other members behind',
    scenario: { replicate: 2, handOff: 1, rotate: 1 },
    protocol: {
      ...PROTOCOL,
      receive: (seat, region, message, now) => {
        if (message.body.type !== 'handOff') return PROTOCOL.receive(seat, region, message, now)
        const { [message.from]: former } = message.body.members
        const members = former === undefined ? {} : { [message.from]: former }
        return PROTOCOL.receive(seat, region, { ...message, body: { ...message.body, members } }, now)
      },
    },
  },
  {
    name: 'a deleted replica is forgotten altogether, and old messages bring it back to life',
    scenario: { replicate: 1, schedule: 1, expire: 1 },
    protocol: { ...PROTOCOL, expire: (seat) => ({ ...PROTOCOL.expire(seat), seat: { key: null, tombstone: null } }) },
  },
  {
    name: "a former life's confirmation counts for the new one",
    scenario: { replicate: 2, schedule: 1, expire: 1, rotate: 1 },
    protocol: {
      ...PROTOCOL,
      receive: (seat, region, message, now) => {
        const member = seat.key?.family?.authority?.members[message.from]
        const isUpward = message.body.type === 'held' && member !== undefined
        return PROTOCOL.receive(seat, region, isUpward ? { ...message, incarnation: member.incarnation } : message, now)
      },
    },
  },
  {
    name: 'a primary with replicas is deleted after its window like any other key',
    scenario: { replicate: 1, schedule: 1 },
    protocol: {
      ...PROTOCOL,
      scheduleDeletion: (key, windowDays, now) => ({
        ...PROTOCOL.scheduleDeletion(key, windowDays, now),
        deletion: { windowDays, at: now },
      }),
    },
  },
  {
    name: 'a Region accepts authority without having every material',
    scenario: { replicate: 1, rotate: 2, handOff: 1 },
    protocol: {
      ...PROTOCOL,
      receive: (seat, region, message, now) => {
        if (message.body.type !== 'handOff') return PROTOCOL.receive(seat, region, message, now)
        const held = new Set(seat.key?.materials.map((material) => material.id))
        const materials = message.body.shared.materials.filter((material) => held.has(material.id))
        const shared = { ...message.body.shared, materials }
        return PROTOCOL.receive(seat, region, { ...message, body: { ...message.body, shared } }, now)
      },
    },
  },
  {
    name: 'a Region that has lost the new imported material still counts as having it',
    scenario: { external: true, replicate: 1, importAgain: 1, discard: 1 },
    protocol: {
      ...PROTOCOL,
      receive: (seat, region, message, now) => PROTOCOL.receive(seat, region, addingToImports(message, seat), now),
    },
  },
  {
    name: 'what a Region said of its imports before counts as the newest',
    scenario: { external: true, replicate: 1, importAgain: 1, discard: 1 },
    protocol: {
      ...PROTOCOL,
      receive: (seat, region, message, now) =>
        PROTOCOL.receive(
          message.body.type === 'held' ? withoutImportsOf(seat, message.from) : seat,
          region,
          message,
          now,
        ),
    },
  },
  {
    name: 'what the primary takes back stays in its replicas',
    scenario: { external: true, replicate: 1, importNew: 1, discard: 1 },
    protocol: {
      ...PROTOCOL,
      receive: (seat, region, message, now) => {
        if (message.body.type !== 'sync') return PROTOCOL.receive(seat, region, message, now)
        const { shared } = message.body
        const named = new Set(shared.materials.map((material) => material.id))
        const kept = seat.key?.materials.filter((material) => !named.has(material.id)) ?? []
        const more = { ...shared, materials: [...shared.materials, ...kept] }
        return PROTOCOL.receive(seat, region, { ...message, body: { ...message.body, shared: more } }, now)
      },
    },
  },
  {
    name: 'an old primary follows nobody: it never steps down',
    scenario: { replicate: 1, handOff: 1 },
    protocol: {
      ...PROTOCOL,
      receive: (seat, region, message, now) => {
        const isHandingOff = isGoverning(seat.key) && seat.key.family.authority.handOff !== null
        const isAnswer = message.body.type === 'accepted' || message.body.type === 'sync'
        return isHandingOff && isAnswer ? { seat, out: [] } : PROTOCOL.receive(seat, region, message, now)
      },
    },
  },
  {
    name: 'what a command makes possible is left to the next message, which may never come',
    scenario: { replicate: 1, rotate: 1, schedule: 1, cancel: 1 },
    protocol: { ...PROTOCOL, conclude: (step) => step },
  },
  {
    name: 'what was heard without effect is not said again',
    scenario: { replicate: 1, rotate: 1, unopened: 1 },
    protocol: { ...PROTOCOL, repeat: (seat) => ({ seat, out: [] }) },
  },
  {
    name: 'a hand-over that was refused leaves the key without a primary',
    scenario: { replicate: 1, handOff: 1, disable: 1 },
    protocol: {
      ...PROTOCOL,
      receive: (seat, region, message, now) =>
        message.body.type === 'refused' ? { seat, out: [] } : PROTOCOL.receive(seat, region, message, now),
    },
  },
  {
    name: 'whoever hears the shared properties does not say so',
    scenario: { replicate: 1, changeShared: 1 },
    protocol: {
      ...PROTOCOL,
      receive: (seat, region, message, now) => {
        const step = PROTOCOL.receive(seat, region, message, now)
        return message.body.type === 'sync' && seat.key?.family?.active === true ? { ...step, out: [] } : step
      },
    },
  },
  {
    name: 'a Region that was put back goes on as what it was',
    scenario: { replicate: 1, handOff: 1, backup: 1, restore: 1 },
    protocol: { ...PROTOCOL, restored: (seat) => ({ seat, out: [] }) },
  },
  {
    name: 'a Region that was put back answers before its marks are compared',
    scenario: { replicate: 1, handOff: 1, backup: 1, restore: 1 },
    protocol: {
      ...PROTOCOL,
      restored: (seat) => ({ seat, out: [] }),
      noticed: (seat) => PROTOCOL.restored(seat),
    },
  },
  {
    name: 'a Region that was put back asks only those that were members then',
    scenario: { replicate: 2, handOff: 1, backup: 1, restore: 1 },
    protocol: {
      ...PROTOCOL,
      ask: (seat, others, now) => {
        const members = seat.key?.family?.authority?.members ?? {}
        return PROTOCOL.ask(
          seat,
          others.filter((region) => members[region] !== undefined),
          now,
        )
      },
    },
  },
  {
    name: 'a Region that was put back goes on without an answer',
    scenario: { replicate: 1, handOff: 1, backup: 1, restore: 1 },
    protocol: { ...PROTOCOL, ask: (seat, _others, now) => PROTOCOL.ask(seat, [], now) },
  },
  {
    name: 'a Region that was put back goes on under the epoch that it had',
    scenario: { replicate: 1, changeShared: 1, backup: 1, restore: 1 },
    protocol: {
      ...PROTOCOL,
      receive: (seat, region, message, now) => underFormerEpoch(seat, PROTOCOL.receive(seat, region, message, now)),
    },
  },
  {
    name: 'a Region that was put back does not ask for what came after the backup',
    scenario: { replicate: 1, rotate: 2, backup: 1, restore: 1 },
    protocol: {
      ...PROTOCOL,
      receive: (seat, region, message, now) => PROTOCOL.receive(seat, region, withoutNews(message, seat), now),
    },
  },
  {
    name: 'a Region that was put back answers hand-offs before it knows what it has answered',
    isDeep: true,
    scenario: { replicate: 2, handOff: 2, backup: 1, restore: 1 },
    protocol: {
      ...PROTOCOL,
      receive: (seat, region, message, now) =>
        PROTOCOL.receive(message.body.type === 'handOff' ? knowing(seat) : seat, region, message, now),
    },
  },
  {
    name: 'what is known of a member that was put back is believed still',
    scenario: { replicate: 1, changeShared: 1, backup: 1, restore: 1 },
    protocol: { ...PROTOCOL, distrustMember: (seat) => ({ seat, out: [] }) },
  },
  {
    name: 'a hand-off to a Region that has forgotten it is taken back without asking the others',
    isDeep: true,
    scenario: { replicate: 2, handOff: 2, backup: 1, restore: 1 },
    protocol: {
      ...PROTOCOL,
      receive: (seat, region, message, now) =>
        PROTOCOL.receive(
          seat,
          region,
          message.body.type === 'lost' ? { ...message, body: { type: 'refused' } } : message,
          now,
        ),
    },
  },
  {
    name: 'a hand-off to a Region that is gone is taken back without asking the others',
    scenario: { replicate: 2, handOff: 2, lose: 1 },
    protocol: { ...PROTOCOL, forget: (seat, gone, now) => takenBack(seat, gone, PROTOCOL.forget(seat, gone, now)) },
  },
  {
    name: 'a Region that is gone is waited for',
    scenario: { replicate: 1, rotate: 1, lose: 1 },
    protocol: { ...PROTOCOL, forget: (seat) => ({ seat, out: [] }) },
  },
  {
    name: 'authority is taken from a lost Region without a word to the others',
    scenario: { replicate: 1, lose: 1, force: 1, comeBack: 1 },
    protocol: {
      ...PROTOCOL,
      force: (seat, destroyed) => PROTOCOL.ask(PROTOCOL.force(seat, destroyed).seat, [], NOW),
      restored: (seat) => ({ seat, out: [] }),
    },
  },
  {
    name: 'a Region that comes back goes on as the primary that it was',
    scenario: { replicate: 1, lose: 1, force: 1, comeBack: 1 },
    protocol: { ...PROTOCOL, restored: (seat) => ({ seat, out: [] }) },
  },
  {
    name: 'whoever is given authority tells nobody before it has it',
    scenario: { replicate: 1, lose: 1, force: 1, comeBack: 1 },
    protocol: { ...PROTOCOL, force: (seat, destroyed) => withoutLeap(PROTOCOL.force(seat, destroyed)) },
  },
]

/** A step by which a recovery ends, under the epoch from before it. */
function underFormerEpoch(before: Seat, step: Step): Step {
  const was = before.key?.family
  const { key } = step.seat
  if (was?.recovery === undefined || was.authority === null || !isGoverning(key)) return step
  if (key.family.recovery !== undefined) return step
  const { epoch } = was
  return {
    seat: { ...step.seat, key: { ...key, family: { ...key.family, epoch } } },
    out: step.out.map((message) => ({ ...message, epoch })),
  }
}

/** An answer that tells of no material that is not held already. */
function withoutNews(message: Message, { key }: Seat): Message {
  const { body } = message
  if (body.type !== 'standing' || body.standing.has === null) return message
  const held = new Set(key?.materials.map(({ id }) => id))
  const { materials, current } = body.standing.has
  const has = {
    ...body.standing.has,
    materials: materials.filter(({ id }) => held.has(id)),
    current: held.has(current ?? '') ? current : (key?.current ?? null),
  }
  return { ...message, body: { ...body, bring: [], standing: { ...body.standing, has } } }
}

/** A seat as if nothing had been forgotten. */
function knowing(seat: Seat): Seat {
  const { key } = seat
  if (key?.family?.recovery === undefined) return seat
  const { recovery: _asking, ...family } = key.family
  return { ...seat, key: { ...key, family } }
}

/** A forgetting after which a hand-off to whoever is gone is simply over. */
function takenBack(before: Seat, gone: Region, step: Step): Step {
  const { key } = step.seat
  const handOff = before.key?.family?.authority?.handOff
  if (handOff?.to !== gone || !isGoverning(key)) return step
  const known = knowing(step.seat)
  if (!isGoverning(known.key)) return step
  const back = withAuthority(known.key, { handOff: null })
  return { seat: { ...known, key: { ...back, family: { ...back.family, epoch: handOff.epoch + 1 } } }, out: [] }
}

function withoutLeap(step: Step): Step {
  const { key } = step.seat
  if (key?.family?.recovery === undefined) return step
  const { leap: _large, ...recovery } = key.family.recovery
  return { ...step, seat: { ...step.seat, key: { ...key, family: { ...key.family, recovery } } } }
}

function activated(step: Step): Step {
  const { key } = step.seat
  const staged = key === null ? null : stagedMaterial(key)
  return key === null || staged === null
    ? step
    : { ...step, seat: { ...step.seat, key: activateStaged(key, staged, NOW) } }
}

/** A message by which a member says that it has all that it ever said to have imported. */
function addingToImports(message: Message, { key }: Seat): Message {
  const { body, from } = message
  if (body.type !== 'held' || body.imports === undefined) return message
  const known = key?.family?.authority?.members[from]?.imports?.held ?? []
  const imports = { ...body.imports, held: [...new Set([...known, ...body.imports.held])] }
  return { ...message, body: { ...body, imports } }
}

function withoutImportsOf(seat: Seat, region: Region): Seat {
  const { key } = seat
  const member = isGoverning(key) ? key.family.authority.members[region] : undefined
  if (!isGoverning(key) || member === undefined) return seat
  const { imports: _forgotten, ...rest } = member
  return { ...seat, key: withAuthority(key, { members: { ...key.family.authority.members, [region]: rest } }) }
}

function withMembers(step: Step, change: { full: boolean }): Step {
  const { key } = step.seat
  if (!isGoverning(key)) return step
  const members = mapValues(key.family.authority.members, (member) => ({ ...member, ...change }))
  return { ...step, seat: { ...step.seat, key: withAuthority(key, { members }) } }
}

function reclaimed(seat: Seat): readonly Step[] {
  if (!isGoverning(seat.key) || seat.key.family.authority.handOff === null) return []
  return [{ seat: { ...seat, key: withAuthority(seat.key, { handOff: null }) }, out: [] }]
}
