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
]

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
