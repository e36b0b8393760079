import { awaitsImport } from '../../src/domain/imports.ts'
import { withoutGone } from '../../src/replication/recovery.ts'
import type { Seat, Step } from '../../src/replication/governing.ts'
import type { Message } from '../../src/replication/message.ts'
import { COMMANDS, waysOf, type Command } from './commands.ts'
import {
  CALM,
  DISASTERS,
  forgetting,
  learn,
  lose,
  othersOf,
  pair,
  passes,
  putBack,
  type Disaster,
  type Houses,
} from './disasters.ts'
import { createInterner, type Interner } from './interner.ts'
import { SETTLED_INVARIANTS, STATE_INVARIANTS, STEP_INVARIANTS } from './invariants.ts'
import { openAir, streams, type Medium } from './media.ts'
import { beginning, NOW, REGIONS, type Protocol } from './protocol.ts'

/** What may happen on the way. */
const MISHAPS = [
  /** Over streams: what has not been confirmed is said again though it may yet be. In the open that is always so. */
  'again',
  /** A message is heard without the materials that it brings: they could not be opened at one of both ends. */
  'unopened',
] as const
type Mishap = (typeof MISHAPS)[number]

const EVENTS = [...COMMANDS, ...MISHAPS, ...DISASTERS] as const
const AGAIN = EVENTS.indexOf('again')
const UNOPENED = EVENTS.indexOf('unopened')

/** How often each command and mishap may happen in a run, and whether the key's material is imported. */
export type Scenario = Readonly<Partial<Record<Command | Mishap | Disaster, number>>> & { readonly external?: true }

export interface Exploration {
  readonly states: number
  readonly steps: number
  /** The invariant that was broken, and the steps that led to it; null where every state was good. */
  readonly broken: { readonly invariant: string; readonly trace: readonly string[] } | null
  /** True where `limit` ended it before everything was seen. */
  readonly cut: boolean
}

interface Node<Air> {
  readonly seats: readonly number[]
  readonly air: Air
  readonly houses: Houses
  readonly budget: readonly number[]
  readonly used: number
  readonly parent: Node<Air> | null
  readonly label: string
}

/** How often everybody may say everything again before a key that still changes counts as one that never settles. */
const MAX_ROUNDS = 50

/**
 * Explores whether anything bad can happen: in every state that a scenario can reach over an open air, in which
 * messages are lost, delayed, repeated and reordered.
 */
export function exploreSafety(scenario: Scenario, protocol: Protocol, limit: number): Exploration {
  const messages = createInterner<Message>()
  return explore(
    scenario,
    createWorld(protocol, messages, openAir(messages), () => null),
    limit,
  )
}

/**
 * Explores whether the good always happens: from every state that a scenario can reach over real streams, everything
 * settles once they are followed, and what has not been confirmed is said again.
 */
export function exploreLiveness(scenario: Scenario, protocol: Protocol, limit: number): Exploration {
  const messages = createInterner<Message>()
  return explore(scenario, createWorld(protocol, messages, streams(messages), brokenOnceSettled), limit)
}

/**
 * Explores every state, breadth first.
 *
 * A Region may stop between any two of its transactions: whatever it would have done next is one of the successors,
 * not the only one.
 */
function explore<Air>(scenario: Scenario, world: World<Air>, limit: number): Exploration {
  const start = world.start(scenario)
  const seen = new Set<string>([world.nameOf(start)])
  const queue: Node<Air>[] = [start]
  let steps = 0
  const end = (invariant: string | null, node: Node<Air> | null, cut = false): Exploration => ({
    states: seen.size,
    steps,
    broken: invariant === null || node === null ? null : { invariant, trace: traceOf(node) },
    cut,
  })
  for (let next = 0; next < queue.length; next += 1) {
    const node = queue[next]
    if (node === undefined) break
    const broken = world.check(node)
    if (broken !== null) return end(broken, node)
    for (const { node: successor, broken: brokenStep } of world.successors(node)) {
      steps += 1
      if (brokenStep !== null) return end(brokenStep, successor)
      const name = world.nameOf(successor)
      if (seen.has(name)) continue
      if (seen.size >= limit) return end(null, null, true)
      seen.add(name)
      queue.push(successor)
    }
  }
  return end(null, null)
}

interface World<Air> {
  start(scenario: Scenario): Node<Air>
  check(node: Node<Air>): string | null
  successors(node: Node<Air>): Generator<{ node: Node<Air>; broken: string | null }>
  nameOf(node: Node<Air>): string
}

/** What is asked of a state beside the invariants of every state. */
type Outlook = <Air>(travel: Travel<Air>, node: State<Air>) => string | null

/** What happens to a key when messages travel, without anybody's command. */
interface Travel<Air> {
  readonly medium: Medium<Air>
  seat(id: number): Seat
  /** What may be heard next. */
  arrivals(state: State<Air>): Generator<{ readonly id: number; readonly air: Air }>
  /** One message is heard by the Region that it is for. */
  hear(state: State<Air>, id: number): Moved<Air>
  /** A Region says again what has not been confirmed. */
  again(state: State<Air>, region: number): Moved<Air>
  /** What Regions do without being told once one of them was put back. */
  awakenings(state: State<Air>): Generator<Moved<Air> & { readonly label: string }>
  /** Somebody tells a Region that a lost one is gone for good. */
  forgettings(state: State<Air>): Generator<Moved<Air> & { readonly label: string }>
  /** Somebody gives a Region the authority of a lost one. */
  forcings(state: State<Air>): Generator<Moved<Air> & { readonly label: string }>
}

type State<Air> = Pick<Node<Air>, 'seats' | 'air' | 'houses'>

interface Moved<Air> extends State<Air> {
  readonly broken: string | null
}

/** Interns seats and messages, and remembers what each transition does: most of them are met again and again. */
function createWorld<Air>(
  protocol: Protocol,
  messages: Interner<Message>,
  medium: Medium<Air>,
  outlook: Outlook,
): World<Air> {
  const seats = createInterner<Seat>()
  const materials = createInterner<string>()
  const known = new Map<string, readonly Outcome[]>()
  const outlooks = new Map<string, string | null>()

  function outcomes(name: string, before: number, work: (seat: Seat) => readonly Step[]): readonly Outcome[] {
    const found = known.get(name)
    if (found !== undefined) return found
    const seat = seats.valueOf(before)
    const made = work(seat).map((step) => {
      const { seat: after, out } = protocol.conclude(step, NOW)
      return {
        seat: seats.idOf(after),
        said: out.map((message) => messages.idOf(message)),
        broken: brokenIn(STEP_INVARIANTS, (holds) => holds(seat, after)),
      }
    })
    known.set(name, made)
    return made
  }

  const travel: Travel<Air> = {
    medium,
    seat: (id) => seats.valueOf(id),
    *arrivals({ air, houses }) {
      for (const arrival of medium.arrivals(air)) {
        const { from, to } = messages.valueOf(arrival.id)
        if (passes(houses, from, to)) yield arrival
      }
    },
    hear(state, id) {
      const message = messages.valueOf(id)
      const gone = REGIONS.filter((region) => state.houses.forgotten.includes(pair(message.to, region)))
      const step = (seat: Seat) => {
        const heard = protocol.receive(seat, message.to, message, NOW)
        return withoutGone(seat, heard, gone, (each, region) => protocol.forget(each, region, NOW))
      }
      return acted(state, REGIONS.indexOf(message.to), `hear/${id}/${gone.join('')}`, step)
    },
    again(state, region) {
      const here = REGIONS[region] ?? ''
      const onTheWay = REGIONS.filter((to) => medium.isUnderWay(state.air, here, to))
      return acted(state, region, `repeat/${onTheWay.join('')}`, (seat) =>
        protocol.repeat(seat, (to) => onTheWay.includes(to)),
      )
    },
    *awakenings(state) {
      const { houses } = state
      for (const [region, here] of REGIONS.entries()) {
        if (houses.lost.includes(here)) continue
        const recovery = seats.valueOf(state.seats[region] ?? 0).key?.family?.recovery
        if (recovery?.waits === null) {
          const others = othersOf(houses, here)
          const asked = acted(state, region, `ask/${others.join('')}`, (seat) => protocol.ask(seat, others, NOW))
          yield { ...asked, label: `${here} asks ${others.join(' and ')}` }
        }
        for (const other of REGIONS) {
          if (!houses.strangers.includes(pair(here, other)) || houses.lost.includes(other)) continue
          const met = {
            ...state,
            air: medium.clear(state.air, here, other),
            houses: learn(houses, here, other),
          }
          const known = acted(met, region, `know/${other}`, (seat) => protocol.distrustMember(seat, other))
          const told = acted(known, REGIONS.indexOf(other), 'noticed', (seat) => protocol.noticed(seat))
          yield { ...told, label: `${here} learns that ${other} was put back` }
        }
      }
    },
    *forgettings(state) {
      const { houses } = state
      for (const [region, here] of REGIONS.entries()) {
        for (const gone of houses.lost) {
          if (houses.lost.includes(here) || houses.forgotten.includes(pair(here, gone))) continue
          const known = { ...state, houses: forgetting(houses, here, gone) }
          const done = acted(known, region, `forget/${gone}`, (seat) => protocol.forget(seat, gone, NOW))
          yield { ...done, label: `${here} forgets ${gone}` }
        }
      }
    },
    *forcings(state) {
      const { houses } = state
      for (const [region, here] of REGIONS.entries()) {
        const family = seats.valueOf(state.seats[region] ?? 0).key?.family
        if (houses.lost.includes(here) || family == null || family.authority !== null || !family.active) continue
        const { primaryRegion, recovery } = family
        const hasForgotten = seats.valueOf(state.seats[REGIONS.indexOf(primaryRegion)] ?? 0).key === null
        if (recovery !== undefined || !(houses.lost.includes(primaryRegion) || hasForgotten)) continue
        const done = acted(state, region, `force/${primaryRegion}`, (seat) => protocol.force(seat, primaryRegion))
        yield { ...done, label: `${here} is made primary in place of ${primaryRegion}` }
      }
    },
  }

  /** One Region's step. */
  function acted(state: State<Air>, region: number, name: string, step: (seat: Seat) => Step): Moved<Air> {
    const before = state.seats[region] ?? 0
    const [outcome] = outcomes(`${name}/${before}`, before, (seat) => [step(seat)])
    if (outcome === undefined) throw new Error('INVARIANT: a step has one outcome')
    return {
      houses: state.houses,
      seats: state.seats.with(region, outcome.seat),
      air: medium.say(state.air, outcome.said),
      broken: outcome.broken,
    }
  }

  /** What befalls whole Regions. */
  function* disastersOf(node: Node<Air>): Generator<Move<Air>> {
    const { houses, air } = node
    for (const disaster of DISASTERS) {
      const index = EVENTS.indexOf(disaster)
      const left = node.budget[index] ?? 0
      if (left === 0) continue
      const budget = node.budget.with(index, left - 1)
      if (disaster === 'force') {
        for (const moved of travel.forcings(node)) yield { ...moved, budget }
        continue
      }
      for (const [region, here] of REGIONS.entries()) {
        const label = `${disaster} of ${here}`
        const isLost = houses.lost.includes(here)
        const own = node.seats[region] ?? 0
        const silent = REGIONS.reduce((rest, other) => medium.clear(rest, here, other), air)
        if (disaster === 'backup' && !isLost) {
          const kept = { ...houses, backups: houses.backups.with(region, own) }
          yield { seats: node.seats, air, houses: kept, broken: null, budget, label }
        }
        const from = disaster === 'comeBack' ? own : houses.backups[region]
        if ((disaster === 'restore' && !isLost && from != null) || (disaster === 'comeBack' && isLost)) {
          const back = { seats: node.seats.with(region, from ?? own), air: silent, houses: putBack(houses, here) }
          yield { ...acted(back, region, 'restored', (seat) => protocol.restored(seat)), budget, label }
        }
        // One at a time: of two that are lost nobody knows what they had.
        if (disaster === 'lose' && houses.lost.length === 0) {
          yield { seats: node.seats, air: silent, houses: lose(houses, here), broken: null, budget, label }
        }
      }
    }
  }

  function* commandsOf(node: Node<Air>, region: number): Generator<Move<Air>> {
    const seat = node.seats[region] ?? 0
    const here = REGIONS[region] ?? ''
    const moved = (outcome: Outcome) => ({
      houses: node.houses,
      seats: node.seats.with(region, outcome.seat),
      air: medium.say(node.air, outcome.said),
      broken: outcome.broken,
    })
    for (const [index, command] of COMMANDS.entries()) {
      const left = node.budget[index] ?? 0
      if (left === 0) continue
      const ways = outcomes(`${command}/${seat}`, seat, (value) => waysOf(command, value, protocol))
      const budget = node.budget.with(index, left - 1)
      for (const outcome of ways) {
        // Nobody gives anything to a Region that was forgotten.
        const isToGone = outcome.said.some((id) => node.houses.forgotten.includes(pair(here, messages.valueOf(id).to)))
        if (!isToGone) yield { ...moved(outcome), budget, label: `${command} in ${here}` }
      }
    }
    for (const outcome of outcomes(`own/${seat}`, seat, (value) => protocol.spontaneous(value))) {
      yield { ...moved(outcome), budget: node.budget, label: `${here} by itself` }
    }
  }

  function* movesOf(node: Node<Air>): Generator<Move<Air>> {
    const { budget } = node
    const repeats = budget[AGAIN] ?? 0
    yield* disastersOf(node)
    for (const moved of travel.awakenings(node)) yield { ...moved, budget }
    for (const moved of travel.forgettings(node)) yield { ...moved, budget }
    for (const [region, here] of REGIONS.entries()) {
      if (node.houses.lost.includes(here)) continue
      yield* commandsOf(node, region)
      if (medium.isLossless && repeats === 0) continue
      const left = medium.isLossless ? budget.with(AGAIN, repeats - 1) : budget
      yield { ...travel.again(node, region), budget: left, label: `${here} says again` }
    }
    for (const { id, air } of travel.arrivals(node)) {
      const message = messages.valueOf(id)
      const { from, to, body } = message
      yield { ...travel.hear({ ...node, air }, id), budget, label: `${to} hears ${body.type} from ${from}` }
      const left = budget[UNOPENED] ?? 0
      if (left === 0 || body.type !== 'sync' || body.bring.length === 0) continue
      const bare = messages.idOf({ ...message, body: { ...body, bring: [] } })
      const label = `${to} hears sync from ${from}, which brings nothing`
      yield { ...travel.hear({ ...node, air }, bare), budget: budget.with(UNOPENED, left - 1), label }
    }
  }

  /** What ever encrypted anything, and is not lost with all who had it. */
  function usedBy({ seats: ids, houses }: State<Air>, used: number): number {
    const living = ids.filter((_, region) => !houses.lost.includes(REGIONS[region] ?? ''))
    const isCalm = houses === CALM
    const left = isCalm ? used : used & living.reduce((set, id) => set | heldBy(seats.valueOf(id)), 0)
    return living.reduce((set, id) => {
      const { key } = seats.valueOf(id)
      return key?.family?.active === true && key.current !== null && !awaitsImport(key)
        ? set | (1 << materials.idOf(key.current))
        : set
    }, left)
  }

  function heldBy({ key }: Seat): number {
    return key?.materials.reduce((set, { id }) => set | (1 << materials.idOf(id)), 0) ?? 0
  }

  function placeOf({ seats: ids, air, houses }: State<Air>): string {
    return `${ids.join()}/${medium.nameOf(air)}/${houses === CALM ? '' : JSON.stringify(houses)}`
  }

  return {
    start(scenario) {
      const ids = beginning(scenario.external === true).map((seat) => seats.idOf(seat))
      const budget = EVENTS.map((event) => scenario[event] ?? 0)
      const used = usedBy({ seats: ids, air: medium.silence, houses: CALM }, 0)
      return { seats: ids, air: medium.silence, houses: CALM, budget, used, parent: null, label: 'a new key in A' }
    },
    check(node) {
      const now = livingOf(travel, node)
      const used = materials.all().filter((_, bit) => ((node.used >> bit) & 1) === 1)
      const broken = brokenIn(STATE_INVARIANTS, (holds) => holds(now, used))
      if (broken !== null) return broken
      const name = placeOf(node)
      const before = outlooks.get(name)
      if (before !== undefined) return before
      const found = outlook(travel, node)
      outlooks.set(name, found)
      return found
    },
    *successors(node) {
      const before = placeOf(node)
      for (const move of movesOf(node)) {
        const { seats: ids, air, houses, broken, budget, label } = move
        if (budget === node.budget && placeOf(move) === before) continue
        const used = usedBy(move, node.used)
        yield { node: { seats: ids, air, houses, budget, used, parent: node, label }, broken }
      }
    },
    nameOf: (node) => `${placeOf(node)}/${node.budget.join('')}/${node.used}`,
  }
}

/** Follows every stream to its end, says again what is not confirmed, and so on until nothing changes any more. */
const brokenOnceSettled: Outlook = (travel, node) => {
  let state = followAll(travel, node)
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const before = state.seats.join()
    for (const region of REGIONS.keys()) {
      if (!state.houses.lost.includes(REGIONS[region] ?? '')) state = travel.again(state, region)
    }
    state = followAll(travel, state)
    if (state.seats.join() !== before) continue
    // Nothing goes on by itself: somebody looks after a key whose primary is lost.
    const [forced] = travel.forcings(state)
    if (forced === undefined) return brokenIn(SETTLED_INVARIANTS, (holds) => holds(livingOf(travel, state)))
    state = forced
  }
  return 'what is said again comes to an end'
}

/** Has everything be heard, and everybody learn what has become of others. */
function followAll<Air>(travel: Travel<Air>, from: State<Air>): State<Air> {
  let state = from
  for (;;) {
    const [next] = travel.arrivals(state)
    const [woken] = next === undefined ? travel.awakenings(state) : []
    const [told] = next === undefined && woken === undefined ? travel.forgettings(state) : []
    if (next !== undefined) state = travel.hear({ ...state, air: next.air }, next.id)
    else if (woken !== undefined || told !== undefined) state = woken ?? told ?? state
    else return state
  }
}

/** The seats of Regions that are not lost. */
function livingOf<Air>(travel: Travel<Air>, { seats, houses }: State<Air>): readonly Seat[] {
  return seats.flatMap((id, region) => (houses.lost.includes(REGIONS[region] ?? '') ? [] : [travel.seat(id)]))
}

interface Outcome {
  readonly seat: number
  readonly said: readonly number[]
  readonly broken: string | null
}

type Move<Air> = Moved<Air> & Pick<Node<Air>, 'budget' | 'label'>

function brokenIn<Check>(checks: Readonly<Record<string, Check>>, holds: (check: Check) => boolean): string | null {
  return Object.entries(checks).find(([, check]) => !holds(check))?.[0] ?? null
}

function traceOf<Air>(node: Node<Air>): readonly string[] {
  return node.parent === null ? [node.label] : [...traceOf(node.parent), node.label]
}
