import { awaitsImport } from '../../src/domain/imports.ts'
import type { Seat, Step } from '../../src/replication/governing.ts'
import type { Message } from '../../src/replication/message.ts'
import { COMMANDS, waysOf, type Command } from './commands.ts'
import { SETTLED_INVARIANTS, STATE_INVARIANTS, STEP_INVARIANTS } from './invariants.ts'
import { beginning, NOW, REGIONS, type Protocol } from './protocol.ts'

/** How often each command may happen in a run, and whether the key's material is imported. */
export type Scenario = Readonly<Partial<Record<Command, number>>> & { readonly external?: true }

export interface Exploration {
  readonly states: number
  readonly steps: number
  /** The invariant that was broken, and the steps that led to it; null where every state was good. */
  readonly broken: { readonly invariant: string; readonly trace: readonly string[] } | null
  /** True where `limit` ended it before everything was seen. */
  readonly cut: boolean
}

interface Node {
  readonly seats: readonly number[]
  /** Everything that was ever said, as a bit set: it may arrive now, later, never, or again. */
  readonly said: bigint
  readonly budget: readonly number[]
  readonly used: number
  readonly parent: Node | null
  readonly label: string
}

/**
 * Explores every state that a scenario can reach, breadth first.
 *
 * A message that was said once may be heard any number of times, in any order, or never: that is loss, delay,
 * repetition and reordering at once. A Region may stop between any two of its transactions: whatever it would have
 * done next is one of the successors, not the only one.
 */
export function explore(scenario: Scenario, protocol: Protocol, limit: number): Exploration {
  const world = createWorld(protocol)
  const first: Node = {
    seats: beginning(scenario.external === true).map((seat) => world.seats.idOf(seat)),
    said: 0n,
    budget: COMMANDS.map((command) => scenario[command] ?? 0),
    used: 0,
    parent: null,
    label: 'a new key in A',
  }
  const start = { ...first, used: world.usedBy(first) }
  const seen = new Set<string>([nameOf(start)])
  const queue: Node[] = [start]
  let steps = 0
  for (let next = 0; next < queue.length; next += 1) {
    const node = queue[next]
    if (node === undefined) break
    const broken = world.check(node)
    if (broken !== null)
      return { states: seen.size, steps, broken: { invariant: broken, trace: traceOf(node) }, cut: false }
    for (const { node: successor, broken: brokenStep } of world.successors(node)) {
      steps += 1
      if (brokenStep !== null) {
        const trace = traceOf(successor)
        return { states: seen.size, steps, broken: { invariant: brokenStep, trace }, cut: false }
      }
      const name = nameOf(successor)
      if (seen.has(name)) continue
      if (seen.size >= limit) return { states: seen.size, steps, broken: null, cut: true }
      seen.add(name)
      queue.push(successor)
    }
  }
  return { states: seen.size, steps, broken: null, cut: false }
}

/** Interns seats and messages, and remembers what each transition does: most of them are met again and again. */
function createWorld(protocol: Protocol) {
  const seats = createInterner<Seat>()
  const messages = createInterner<Message>()
  const materials = createInterner<string>()
  const known = new Map<string, readonly Outcome[]>()
  const settled = new Map<string, string | null>()

  function outcomes(name: string, before: number, work: (seat: Seat) => readonly Step[]): readonly Outcome[] {
    const found = known.get(name)
    if (found !== undefined) return found
    const seat = seats.valueOf(before)
    const made = work(seat).map((step) => ({
      seat: seats.idOf(step.seat),
      said: step.out.reduce((set, message) => set | (1n << BigInt(messages.idOf(message))), 0n),
      broken: brokenIn(STEP_INVARIANTS, (holds) => holds(seat, step.seat)),
    }))
    known.set(name, made)
    return made
  }

  function* movesOf(node: Node, region: number): Generator<{ label: string; outcome: Outcome; command: number }> {
    const seat = node.seats[region] ?? 0
    const here = REGIONS[region] ?? ''
    for (const [index, command] of COMMANDS.entries()) {
      if ((node.budget[index] ?? 0) === 0) continue
      const ways = outcomes(`${command}/${seat}`, seat, (value) => waysOf(command, value, protocol))
      for (const outcome of ways) yield { label: `${command} in ${here}`, outcome, command: index }
    }
    const own = outcomes(`own/${seat}`, seat, (value) => [
      { seat: value, out: protocol.repeat(value) },
      ...protocol.spontaneous(value),
    ])
    for (const outcome of own) yield { label: `${here} by itself`, outcome, command: -1 }
    for (const [id, message] of messages.all().entries()) {
      if (message.to !== here || ((node.said >> BigInt(id)) & 1n) === 0n) continue
      for (const outcome of hear(seat, id, message)) {
        yield { label: `${here} hears ${message.body.type} from ${message.from}`, outcome, command: -1 }
      }
    }
  }

  function hear(seat: number, id: number, message: Message): readonly Outcome[] {
    return outcomes(`hear/${seat}/${id}`, seat, (value) => [protocol.receive(value, message.to, message, NOW)])
  }

  function usedBy({ seats: ids, used }: Pick<Node, 'seats' | 'used'>): number {
    return ids.reduce((set, id) => {
      const { key } = seats.valueOf(id)
      return key?.family?.active === true && key.current !== null && !awaitsImport(key)
        ? set | (1 << materials.idOf(key.current))
        : set
    }, used)
  }

  /** Everybody hears everything that was said, in the order in which it was said, until nothing is new. */
  function settle(node: Node): readonly Seat[] {
    let ids = [...node.seats]
    let said = node.said
    for (let round = 0; round < 50; round += 1) {
      const before = `${ids.join()}/${said}`
      for (const [region, name] of REGIONS.entries()) {
        const own = outcomes(`repeat/${ids[region]}`, ids[region] ?? 0, (value) => [
          { seat: value, out: protocol.repeat(value) },
        ])
        said |= own[0]?.said ?? 0n
        for (const [id, message] of messages.all().entries()) {
          if (message.to !== name || ((said >> BigInt(id)) & 1n) === 0n) continue
          const [outcome] = hear(ids[region] ?? 0, id, message)
          if (outcome === undefined) continue
          ids = ids.with(region, outcome.seat)
          said |= outcome.said
        }
      }
      if (`${ids.join()}/${said}` === before) break
    }
    return ids.map((id) => seats.valueOf(id))
  }

  return {
    seats,
    usedBy,
    check(node: Node): string | null {
      const now = node.seats.map((id) => seats.valueOf(id))
      const used = materials.all().filter((_, bit) => ((node.used >> bit) & 1) === 1)
      const broken = brokenIn(STATE_INVARIANTS, (holds) => holds(now, used))
      if (broken !== null) return broken
      const name = `${node.seats.join()}/${node.said}`
      const before = settled.get(name)
      if (before !== undefined) return before
      const end = settle(node)
      const found = brokenIn(SETTLED_INVARIANTS, (holds) => holds(end))
      settled.set(name, found)
      return found
    },
    *successors(node: Node): Generator<{ node: Node; broken: string | null }> {
      for (const region of REGIONS.keys()) {
        for (const { label, outcome, command } of movesOf(node, region)) {
          const said = node.said | outcome.said
          if (outcome.seat === node.seats[region] && said === node.said) continue
          const moved = {
            seats: node.seats.with(region, outcome.seat),
            said,
            budget: command < 0 ? node.budget : node.budget.with(command, (node.budget[command] ?? 0) - 1),
            used: node.used,
            parent: node,
            label,
          }
          yield { node: { ...moved, used: usedBy(moved) }, broken: outcome.broken }
        }
      }
    },
  }
}

interface Outcome {
  readonly seat: number
  readonly said: bigint
  readonly broken: string | null
}

function brokenIn<Check>(checks: Readonly<Record<string, Check>>, holds: (check: Check) => boolean): string | null {
  return Object.entries(checks).find(([, check]) => !holds(check))?.[0] ?? null
}

function nameOf({ seats, said, budget, used }: Node): string {
  return `${seats.join()}/${said.toString(36)}/${budget.join('')}/${used}`
}

function traceOf(node: Node): readonly string[] {
  return node.parent === null ? [node.label] : [...traceOf(node.parent), node.label]
}

/** Gives equal values the same small number. */
function createInterner<Value>() {
  const ids = new Map<string, number>()
  const values: Value[] = []
  return {
    idOf(value: Value): number {
      const name = canonical(value)
      const id = ids.get(name) ?? values.length
      if (id === values.length) {
        ids.set(name, id)
        values.push(value)
      }
      return id
    },
    valueOf(id: number): Value {
      const value = values[id]
      if (value === undefined) throw new Error('INVARIANT: only interned values have ids')
      return value
    },
    all: (): readonly Value[] => values,
  }
}

/** JSON with the members of every object in order, so that equal means equal. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
