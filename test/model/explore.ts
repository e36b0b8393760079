import { awaitsImport } from '../../src/domain/imports.ts'
import type { Seat, Step } from '../../src/replication/governing.ts'
import type { Message } from '../../src/replication/message.ts'
import { COMMANDS, waysOf, type Command } from './commands.ts'
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

const EVENTS = [...COMMANDS, ...MISHAPS] as const
const AGAIN = EVENTS.indexOf('again')
const UNOPENED = EVENTS.indexOf('unopened')

/** How often each command and mishap may happen in a run, and whether the key's material is imported. */
export type Scenario = Readonly<Partial<Record<Command | Mishap, number>>> & { readonly external?: true }

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
  return explore(
    scenario,
    createWorld(protocol, createInterner(), openAir(), () => null),
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
type Outlook = <Air>(travel: Travel<Air>, node: Pick<Node<Air>, 'seats' | 'air'>) => string | null

/** What happens to a key when messages travel, without anybody's command. */
interface Travel<Air> {
  readonly medium: Medium<Air>
  seat(id: number): Seat
  /** One message is heard by the Region that it is for. */
  hear(seats: readonly number[], air: Air, id: number): Moved<Air>
  /** A Region says again what has not been confirmed. */
  again(seats: readonly number[], air: Air, region: number): Moved<Air>
}

interface Moved<Air> extends Pick<Node<Air>, 'seats' | 'air'> {
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
    hear(ids, air, id) {
      const message = messages.valueOf(id)
      const region = REGIONS.indexOf(message.to)
      const before = ids[region] ?? 0
      const [outcome] = outcomes(`hear/${before}/${id}`, before, (value) => [
        protocol.receive(value, message.to, message, NOW),
      ])
      if (outcome === undefined) throw new Error('INVARIANT: to hear has one outcome')
      return { seats: ids.with(region, outcome.seat), air: medium.say(air, outcome.said), broken: outcome.broken }
    },
    again(ids, air, region) {
      const before = ids[region] ?? 0
      const here = REGIONS[region] ?? ''
      const onTheWay = REGIONS.filter((to) => medium.isUnderWay(air, here, to))
      const [outcome] = outcomes(`repeat/${before}/${onTheWay.join('')}`, before, (seat) => [
        protocol.repeat(seat, (to) => onTheWay.includes(to)),
      ])
      if (outcome === undefined) throw new Error('INVARIANT: to say again has one outcome')
      return { seats: ids.with(region, outcome.seat), air: medium.say(air, outcome.said), broken: outcome.broken }
    },
  }

  function* commandsOf(node: Node<Air>, region: number): Generator<Move<Air>> {
    const seat = node.seats[region] ?? 0
    const here = REGIONS[region] ?? ''
    const moved = (outcome: Outcome) => ({
      seats: node.seats.with(region, outcome.seat),
      air: medium.say(node.air, outcome.said),
      broken: outcome.broken,
    })
    for (const [index, command] of COMMANDS.entries()) {
      const left = node.budget[index] ?? 0
      if (left === 0) continue
      const ways = outcomes(`${command}/${seat}`, seat, (value) => waysOf(command, value, protocol))
      const budget = node.budget.with(index, left - 1)
      for (const outcome of ways) yield { ...moved(outcome), budget, label: `${command} in ${here}` }
    }
    for (const outcome of outcomes(`own/${seat}`, seat, (value) => protocol.spontaneous(value))) {
      yield { ...moved(outcome), budget: node.budget, label: `${here} by itself` }
    }
  }

  function* movesOf(node: Node<Air>): Generator<Move<Air>> {
    const { budget } = node
    const repeats = budget[AGAIN] ?? 0
    for (const [region, here] of REGIONS.entries()) {
      yield* commandsOf(node, region)
      if (medium.isLossless && repeats === 0) continue
      const left = medium.isLossless ? budget.with(AGAIN, repeats - 1) : budget
      yield { ...travel.again(node.seats, node.air, region), budget: left, label: `${here} says again` }
    }
    for (const { id, air } of medium.arrivals(node.air)) {
      const message = messages.valueOf(id)
      const { from, to, body } = message
      yield { ...travel.hear(node.seats, air, id), budget, label: `${to} hears ${body.type} from ${from}` }
      const left = budget[UNOPENED] ?? 0
      if (left === 0 || body.type !== 'sync' || body.bring.length === 0) continue
      const bare = messages.idOf({ ...message, body: { ...body, bring: [] } })
      const label = `${to} hears sync from ${from}, which brings nothing`
      yield { ...travel.hear(node.seats, air, bare), budget: budget.with(UNOPENED, left - 1), label }
    }
  }

  function usedBy({ seats: ids, used }: Pick<Node<Air>, 'seats' | 'used'>): number {
    return ids.reduce((set, id) => {
      const { key } = seats.valueOf(id)
      return key?.family?.active === true && key.current !== null && !awaitsImport(key)
        ? set | (1 << materials.idOf(key.current))
        : set
    }, used)
  }

  return {
    start(scenario) {
      const ids = beginning(scenario.external === true).map((seat) => seats.idOf(seat))
      const budget = EVENTS.map((event) => scenario[event] ?? 0)
      const used = usedBy({ seats: ids, used: 0 })
      return { seats: ids, air: medium.silence, budget, used, parent: null, label: 'a new key in A' }
    },
    check(node) {
      const now = node.seats.map((id) => seats.valueOf(id))
      const used = materials.all().filter((_, bit) => ((node.used >> bit) & 1) === 1)
      const broken = brokenIn(STATE_INVARIANTS, (holds) => holds(now, used))
      if (broken !== null) return broken
      const name = `${node.seats.join()}/${medium.nameOf(node.air)}`
      const before = outlooks.get(name)
      if (before !== undefined) return before
      const found = outlook(travel, node)
      outlooks.set(name, found)
      return found
    },
    *successors(node) {
      const before = `${node.seats.join()}/${medium.nameOf(node.air)}`
      for (const { seats: ids, air, broken, budget, label } of movesOf(node)) {
        if (budget === node.budget && `${ids.join()}/${medium.nameOf(air)}` === before) continue
        const used = usedBy({ seats: ids, used: node.used })
        yield { node: { seats: ids, air, budget, used, parent: node, label }, broken }
      }
    },
    nameOf: ({ seats: ids, air, budget, used }) => `${ids.join()}/${medium.nameOf(air)}/${budget.join('')}/${used}`,
  }
}

/** Follows every stream to its end, says again what is not confirmed, and so on until nothing changes any more. */
const brokenOnceSettled: Outlook = (travel, { seats, air }) => {
  let state = followAll(travel, seats, air)
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const before = state.seats.join()
    for (const region of REGIONS.keys()) state = travel.again(state.seats, state.air, region)
    state = followAll(travel, state.seats, state.air)
    if (state.seats.join() === before) {
      const end = state.seats.map((id) => travel.seat(id))
      return brokenIn(SETTLED_INVARIANTS, (holds) => holds(end))
    }
  }
  return 'what is said again comes to an end'
}

function followAll<Air>(travel: Travel<Air>, seats: readonly number[], air: Air) {
  let state = { seats, air }
  for (;;) {
    const [next] = travel.medium.arrivals(state.air)
    if (next === undefined) return state
    state = travel.hear(state.seats, next.air, next.id)
  }
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
