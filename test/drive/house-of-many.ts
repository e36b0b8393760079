import { askControl } from '../control.ts'
import { createLine, type Line } from '../places/line.ts'
import { introductionOf } from '../places/places.ts'
import { startPostgres } from '../postgres/postgres.ts'
import { advanceOne, type House } from './house.ts'
import type { Room } from './room.ts'
import { roomOfFiles } from './room-of-files.ts'
import { roomOfNodes } from './room-of-nodes.ts'

/** How late a slow line is, in milliseconds. */
const LATE_MS = 150
/** How much later it is in each Region than in the one before, in seconds. */
const SKEW_S = 7
/** How old the copies of accounts may be, in seconds. */
const STALE_S = 10

/** A line from one room to another. */
interface Way {
  readonly from: string
  readonly to: string
  readonly line: Line
}

function secondsOf(duration: string): number {
  return Number.parseInt(duration, 10) * (duration.endsWith('h') ? 3600 : 1)
}

/**
 * A process for each Region, with lines between them that can be cut, one way or both. Of those on nodes, all but the
 * last Region have two on one database.
 */
export async function houseOfMany(regions: readonly string[], isOnNodes: boolean): Promise<House> {
  await using opened = new AsyncDisposableStack()
  const postgres = isOnNodes ? await startPostgres() : null
  opened.defer(() => postgres?.stop())
  const rooms = new Map<string, Room>()
  const ways: Way[] = []
  const portOf = (region: string) => rooms.get(region)?.peerPort() ?? 0
  for (const from of regions) {
    for (const to of regions) {
      if (from !== to) ways.push({ from, to, line: opened.use(await createLine(() => portOf(to))) })
    }
  }
  const roomOf = (region: string): Room => {
    const room = rooms.get(region)
    if (room === undefined) throw new Error(`There is no room for ${region}.`)
    return room
  }
  const home = () => roomOf(regions[0] ?? '')
  const away = new Set<string>()
  const present = () => [...rooms.values()].filter(({ region }) => !away.has(region))
  /** How far the clock of each room was moved, and of those that are there, in seconds. */
  const passed = new Map<string, number>()
  let now = 0
  const startIn = async (room: Room): Promise<void> => {
    await room.start()
    const late = now + regions.indexOf(room.region) * SKEW_S - (passed.get(room.region) ?? 0)
    if (late > 0) await advanceOne(room.path(), `${late}s`)
    passed.set(room.region, (passed.get(room.region) ?? 0) + Math.max(0, late))
  }
  const forget = (room: Room, region: string) =>
    askControl({ path: room.path() }, '/region/forget', { region, isAgreed: true })
  const introduce = async (room: Room, other: Room) =>
    askControl({ path: room.path() }, '/region/trust', await introductionOf({ path: other.path() }))
  const meet = async (room: Room): Promise<void> => {
    for (const other of present()) {
      if (other === room) continue
      await introduce(room, other)
      await introduce(other, room)
    }
  }
  for (const region of regions) {
    const peers = ways
      .filter(({ from }) => from === region)
      .map(({ to, line }) => `${to}=https://127.0.0.1:${line.port}`)
    const flags = ['--regions', region, '--accounts-stale', String(STALE_S), '--peer', ...peers]
    const plan = { region, flags }
    const isLast = region === regions.at(-1)
    const room = opened.use(await (postgres === null || isLast ? roomOfFiles(plan) : roomOfNodes(plan, postgres)))
    if (region !== regions[0]) await room.beginAnew(await introductionOf({ path: home().path() }))
    rooms.set(region, room)
    await startIn(room)
    await meet(room)
  }
  let cuts = 0
  let kills = 0
  let isCut = false
  const copies = new Map<string, { readonly passed: number; readonly strangers: Set<string> }>()
  const running = opened.move()
  return {
    urlsOf: (region) => roomOf(region).urls(),
    heldUrlOf: (region) => roomOf(region).heldUrl(),
    credentials: () => home().credentials(),
    isCut: () => isCut,
    pathsOf: (region) => roomOf(region).paths(),
    accountsWith: regions[0] ?? '',
    async followHome() {
      for (const room of present()) {
        if (room === home()) continue
        await room.kill()
        await room.follow(home().region)
        await startIn(room)
      }
    },
    takesOver: isOnNodes,
    staleMs: STALE_S * 1000,
    rounds: 60,
    settlingMs: 400,
    pause(paused) {
      isCut = paused
      if (paused) cuts += 1
      // In turn: all lines, those to one room, those from one; or none, and all are slow.
      const victim = regions[cuts % regions.length]
      const isMeant = ({ from, to }: Way) => [true, to === victim, from === victim, false][cuts % 4] === true
      for (const way of ways) {
        way.line.cut(paused && isMeant(way))
        way.line.slow(paused && cuts % 4 === 3 ? LATE_MS : 0)
      }
      return Promise.resolve()
    },
    async advance(duration) {
      now += secondsOf(duration)
      let time = 0
      for (const room of present()) {
        passed.set(room.region, (passed.get(room.region) ?? 0) + secondsOf(duration))
        time = await advanceOne(room.path(), duration)
      }
      return time
    },
    async restart() {
      const there = present()
      await there[kills % there.length]?.fail(Math.floor(kills / there.length))
      kills += 1
    },
    async putBack(region, meanwhile) {
      const room = roomOf(region)
      const copied = copies.get(region)
      if (copied !== undefined) await meanwhile()
      await room.kill()
      if (copied === undefined) {
        copies.set(region, { passed: passed.get(region) ?? 0, strangers: new Set() })
        await room.copy()
      } else {
        copies.delete(region)
        await room.putCopyBack()
        passed.set(region, copied.passed)
      }
      await startIn(room)
      // What it was told since it does not know any more.
      for (const gone of new Set([...away, ...(copied?.strangers ?? [])])) await forget(room, gone)
      for (const stranger of copied?.strangers ?? []) if (!away.has(stranger)) await introduce(room, roomOf(stranger))
      return copied !== undefined
    },
    async force(key, to, destroyed) {
      await askControl({ path: roomOf(to).path() }, '/mrk/force-primary', { key, to, destroyed })
    },
    async lose(region) {
      copies.delete(region)
      await roomOf(region).kill()
      away.add(region)
      for (const room of present()) await forget(room, region)
      return true
    },
    async bringBack(region, isAnew, meanwhile) {
      const room = roomOf(region)
      if (isAnew) {
        passed.delete(region)
        await room.beginAnew(await introductionOf({ path: home().path() }))
        for (const { strangers } of copies.values()) strangers.add(region)
      } else {
        await startIn(room)
        await meanwhile()
        await room.kill()
        await room.recover()
      }
      await startIn(room)
      await meet(room)
      away.delete(region)
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
