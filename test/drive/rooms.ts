import { askControl } from '../control.ts'
import { introductionOf } from '../places/places.ts'
import { advanceOne } from './house.ts'
import type { Room } from './room.ts'

/** How much later it is in each Region than in the one before, in seconds. */
const SKEW_S = 7

/** The rooms of a house, and what an operator does in them. The first one has the accounts. */
export interface Rooms {
  /** Those that are lost and not there. */
  readonly away: Set<string>
  of(region: string): Room
  home(): Room
  present(): readonly Room[]
  /** Moves every clock; gives the time that it is then. */
  advance(seconds: number): Promise<number>
  /** Starts one, and moves its clock as far as it would be. @param keptAt how far it was when its data was kept */
  start(room: Room, keptAt?: number): Promise<void>
  /** How far its clock was moved, in seconds. */
  passed(region: string): number
  /** Lets a Region and those that are there trust each other. */
  meet(room: Room): Promise<void>
  /** Lets one trust another. */
  introduce(room: Room, other: Room): Promise<void>
  /** Tells one that a Region is gone for good. */
  forget(room: Room, region: string): Promise<void>
}

/** @param rooms by Region, in their order; more may come */
export function openRooms(regions: readonly string[], rooms: ReadonlyMap<string, Room>): Rooms {
  const away = new Set<string>()
  const passed = new Map<string, number>()
  let now = 0
  const of = (region: string): Room => {
    const room = rooms.get(region)
    if (room === undefined) throw new Error(`There is no room for ${region}.`)
    return room
  }
  const present = () => [...rooms.values()].filter(({ region }) => !away.has(region))
  const passedIn = (region: string) => passed.get(region) ?? 0
  const introduce = async (room: Room, other: Room) =>
    void (await askControl({ path: room.path() }, '/region/trust', await introductionOf({ path: other.path() })))
  return {
    away,
    of,
    present,
    introduce,
    home: () => of(regions[0] ?? ''),
    passed: passedIn,
    async advance(seconds) {
      now += seconds
      let time = 0
      for (const room of present()) {
        passed.set(room.region, passedIn(room.region) + seconds)
        time = await advanceOne(room.path(), `${seconds}s`)
      }
      return time
    },
    async start(room, keptAt = passedIn(room.region)) {
      await room.start()
      const late = Math.max(0, now + regions.indexOf(room.region) * SKEW_S - keptAt)
      if (late > 0) await advanceOne(room.path(), `${late}s`)
      passed.set(room.region, keptAt + late)
    },
    async meet(room) {
      for (const other of present()) {
        if (other === room) continue
        await introduce(room, other)
        await introduce(other, room)
      }
    },
    async forget(room, region) {
      await askControl({ path: room.path() }, '/region/forget', { region, isAgreed: true })
    },
  }
}
