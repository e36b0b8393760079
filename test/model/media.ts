import type { Message } from '../../src/replication/message.ts'
import type { Interner } from './interner.ts'
import { REGIONS } from './protocol.ts'

/** How messages travel. `Air` is what is on its way, and never changed in place. */
export interface Medium<Air> {
  readonly silence: Air
  /** What is on its way once these have been said, in this order. */
  say(air: Air, ids: readonly number[]): Air
  /** What may be heard next, and what is on its way after that. */
  arrivals(air: Air): Iterable<{ readonly id: number; readonly air: Air }>
  /** Says whether what was said is heard once and in its order, so that nothing comes again by itself. */
  readonly isLossless: boolean
  /** What is on its way once nothing is any more from one Region to another. */
  clear(air: Air, from: string, to: string): Air
  /** Says whether anything is on its way from one Region to another. */
  isUnderWay(air: Air, from: string, to: string): boolean
  nameOf(air: Air): string
}

/**
 * A message that was said once may be heard any number of times, in any order, or never: that is loss, delay,
 * repetition and reordering at once. What is safe here is safe over any network.
 */
export function openAir(messages: Interner<Message>): Medium<bigint> {
  function* idsOf(air: bigint): Generator<number> {
    for (let id = 0, rest = air; rest !== 0n; id += 1, rest >>= 1n) if ((rest & 1n) === 1n) yield id
  }
  return {
    silence: 0n,
    say: (air, ids) => ids.reduce((set, id) => set | (1n << BigInt(id)), air),
    *arrivals(air) {
      for (const id of idsOf(air)) yield { id, air }
    },
    clear: (air, from, to) =>
      idsOf(air).reduce((set, id) => {
        const said = messages.valueOf(id)
        return said.from === from && said.to === to ? set & ~(1n << BigInt(id)) : set
      }, air),
    isLossless: false,
    isUnderWay: () => false,
    nameOf: (air) => air.toString(36),
  }
}

/** One list of messages for each ordered pair of Regions. */
type Streams = readonly (readonly number[])[]

/**
 * Every Region follows a stream from every other: each entry is heard exactly once and in its order, as the server's
 * streams are. What has been heard without effect comes again only if somebody says it again.
 */
export function streams(messages: Interner<Message>): Medium<Streams> {
  const routeOf = (from: string, to: string) => REGIONS.indexOf(from) * REGIONS.length + REGIONS.indexOf(to)
  return {
    silence: REGIONS.flatMap(() => REGIONS.map(() => [])),
    say: (air, ids) =>
      ids.reduce<Streams>((before, id) => {
        const { from, to } = messages.valueOf(id)
        const route = routeOf(from, to)
        return before.with(route, [...(before[route] ?? []), id])
      }, air),
    *arrivals(air) {
      for (const [route, [id, ...rest]] of air.entries()) {
        if (id !== undefined) yield { id, air: air.with(route, rest) }
      }
    },
    clear: (air, from, to) => air.with(routeOf(from, to), []),
    isLossless: true,
    isUnderWay: (air, from, to) => (air[routeOf(from, to)] ?? []).length > 0,
    nameOf: (air) => air.map((ids) => ids.join('.')).join('|'),
  }
}
