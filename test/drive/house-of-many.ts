import { askControl } from '../control.ts'
import { introductionOf } from '../places/places.ts'
import { startPostgres, type TestPostgres } from '../postgres/postgres.ts'
import type { House } from './house.ts'
import type { Room } from './room.ts'
import { roomOfFiles } from './room-of-files.ts'
import { roomOfNodes } from './room-of-nodes.ts'
import { openRooms, type Rooms } from './rooms.ts'
import { createWays, type Ways } from './ways.ts'

/** How old the copies of accounts may be, in seconds. */
const STALE_S = 10

/**
 * A process for each Region, with lines between them that can be cut, one way or both. Of those on nodes, all but the
 * last Region have two on one database.
 */
export async function houseOfMany(regions: readonly string[], isOnNodes: boolean): Promise<House> {
  await using opened = new AsyncDisposableStack()
  const postgres = isOnNodes ? await startPostgres() : null
  opened.defer(() => postgres?.stop())
  const kept = new Map<string, Room>()
  const ways = opened.use(await createWays(regions, (region) => kept.get(region)?.peerPort() ?? 0))
  const rooms = openRooms(regions, kept)
  for (const region of regions) {
    const room = opened.use(await createRoom(region, ways, region === regions.at(-1) ? null : postgres))
    if (kept.size > 0) await room.beginAnew(await introductionOf({ path: rooms.home().path() }))
    kept.set(region, room)
    await rooms.start(room)
    await rooms.meet(room)
  }
  let kills = 0
  const running = opened.move()
  return {
    urlsOf: (region) => rooms.of(region).urls(),
    heldUrlOf: (region) => rooms.of(region).heldUrl(),
    credentials: () => rooms.home().credentials(),
    isCut: () => ways.isCut(),
    pathsOf: (region) => rooms.of(region).paths(),
    accountsWith: regions[0] ?? '',
    takesOver: isOnNodes,
    staleMs: STALE_S * 1000,
    rounds: 60,
    settlingMs: 400,
    pause: async (isPaused) => ways.pause(isPaused),
    advance: (duration) => rooms.advance(secondsOf(duration)),
    async restart() {
      const there = rooms.present()
      await there[kills % there.length]?.fail(Math.floor(kills / there.length))
      kills += 1
    },
    async force(key, to, destroyed) {
      await askControl({ path: rooms.of(to).path() }, '/mrk/force-primary', { key, to, destroyed, isAgreed: true })
    },
    ...disastersIn(rooms),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

function secondsOf(duration: string): number {
  return Number.parseInt(duration, 10) * (duration.endsWith('h') ? 3600 : 1)
}

function createRoom(region: string, ways: Ways, postgres: TestPostgres | null): Promise<Room> {
  const flags = ['--regions', region, '--accounts-stale', String(STALE_S), '--peer', ...ways.from(region)]
  return postgres === null ? roomOfFiles({ region, flags }) : roomOfNodes({ region, flags }, postgres)
}

/** A copy of what a Region was. */
interface Copy {
  /** How far its clock had been moved, in seconds. */
  readonly passed: number
  /** Regions that have come back since with another identity. */
  readonly strangers: Set<string>
}

/** What is lost and put back, and what an operator does about it. */
function disastersIn(rooms: Rooms): Pick<House, 'putBack' | 'followHome' | 'lose' | 'bringBack'> {
  const { away } = rooms
  const copies = new Map<string, Copy>()
  return {
    async putBack(region, meanwhile) {
      const room = rooms.of(region)
      const copy = copies.get(region)
      if (copy !== undefined) await meanwhile()
      await room.kill()
      if (copy === undefined) {
        copies.set(region, { passed: rooms.passed(region), strangers: new Set() })
        await room.copy()
      } else {
        copies.delete(region)
        await room.putCopyBack()
      }
      await rooms.start(room, copy?.passed)
      // What it was told since it does not know any more.
      const strangers = [...(copy?.strangers ?? [])]
      for (const gone of new Set([...away, ...strangers])) await rooms.forget(room, gone)
      for (const other of strangers) if (!away.has(other)) await rooms.introduce(room, rooms.of(other))
      return copy !== undefined
    },
    async followHome() {
      for (const room of rooms.present()) {
        if (room === rooms.home()) continue
        await room.kill()
        await room.follow(rooms.home().region)
        await rooms.start(room)
      }
    },
    async lose(region) {
      copies.delete(region)
      await rooms.of(region).kill()
      away.add(region)
      for (const room of rooms.present()) await rooms.forget(room, region)
      return true
    },
    async bringBack(region, isAnew, meanwhile) {
      const room = rooms.of(region)
      if (isAnew) {
        await room.beginAnew(await introductionOf({ path: rooms.home().path() }))
        for (const { strangers } of copies.values()) strangers.add(region)
      } else {
        await rooms.start(room)
        await meanwhile()
        await room.kill()
        await room.recover()
      }
      await rooms.start(room, isAnew ? 0 : undefined)
      await rooms.meet(room)
      away.delete(region)
    },
  }
}
