import { existsSync } from 'node:fs'
import { cp, mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { askControl } from '../control.ts'
import { freePort } from '../places/free-port.ts'
import { createLine, type Line } from '../places/line.ts'
import { introductionOf, joinAt } from '../places/places.ts'
import { createServerProcessIn, type ServerProcess } from '../server-process.ts'
import { advanceOne, type House } from './house.ts'

/** How late a slow line is, and how long a process is held, in milliseconds. */
const LATE_MS = 150
const HELD_MS = 1500

/** What cannot be reached is told by the log, and here it is what is tried. */
const QUIET = { KEYSPAN_LOG: 'fatal' }

/** A Region in a process of its own. */
interface Room {
  readonly region: string
  readonly server: ServerProcess
}

/** A line from one room to another. */
interface Way {
  readonly from: string
  readonly to: string
  readonly line: Line
}

/** The databases: what is put back. The audit log is not. */
const STORES = ['regions', 'global.sqlite', 'global.sqlite-wal', 'global.sqlite-shm']

async function copyStores(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  for (const name of STORES) {
    if (existsSync(join(from, name))) await cp(join(from, name), join(to, name), { recursive: true })
  }
}

function secondsOf(duration: string): number {
  return Number.parseInt(duration, 10) * (duration.endsWith('h') ? 3600 : 1)
}

/** A process for each Region, with lines between them that can be cut, one way or both. */
export async function houseOfMany(regions: readonly string[]): Promise<House> {
  await using opened = new AsyncDisposableStack()
  const ports = new Map<string, number>()
  for (const region of regions) ports.set(region, await freePort())
  const ways: Way[] = []
  for (const from of regions) {
    for (const to of regions) {
      if (from !== to) ways.push({ from, to, line: opened.use(await createLine(() => ports.get(to) ?? 0)) })
    }
  }
  const rooms: Room[] = []
  for (const region of regions) {
    const peers = ways
      .filter(({ from }) => from === region)
      .map(({ to, line }) => `${to}=https://127.0.0.1:${line.port}`)
    const flags = ['--regions', region, '--peer-port', String(ports.get(region)), '--peer', ...peers]
    const server = opened.use(await createServerProcessIn(tmpdir(), QUIET, ...flags))
    const [first] = rooms
    if (first !== undefined) await joinAt(server.path, await introductionOf(first.server))
    await server.start()
    rooms.push({ region, server })
  }
  for (const { server } of rooms) {
    for (const other of rooms) {
      if (other.server !== server) await askControl(server, '/region/trust', await introductionOf(other.server))
    }
  }
  let cuts = 0
  let kills = 0
  let isCut = false
  /** How far the clocks were moved, in seconds. */
  let passed = 0
  const copies = new Map<string, { at: string; passed: number }>()
  const roomOf = (region: string): ServerProcess => {
    const room = rooms.find((each) => each.region === region)
    if (room === undefined) throw new Error(`There is no room for ${region}.`)
    return room.server
  }
  const running = opened.move()
  return {
    endpointOf: (region) => roomOf(region).url,
    credentials: () => roomOf(regions[0] ?? '').credentials(),
    isCut: () => isCut,
    pathOf: (region) => roomOf(region).path,
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
      passed += secondsOf(duration)
      let now = 0
      for (const { server } of rooms) now = await advanceOne(server.path, duration)
      return now
    },
    async restart() {
      const room = rooms[kills % rooms.length]
      kills += 1
      if (room === undefined) return
      // Each third one is held for a while, and knows nothing of it.
      if (kills % 3 === 0) {
        room.server.signal('SIGSTOP')
        await setTimeout(HELD_MS)
        room.server.signal('SIGCONT')
        return
      }
      await room.server.kill()
      await room.server.start()
    },
    async putBack(region, meanwhile) {
      const server = roomOf(region)
      const { path } = server
      const copy = copies.get(region)
      if (copy !== undefined) await meanwhile()
      await server.kill()
      if (copy === undefined) {
        copies.set(region, { at: `${path}-copy`, passed })
        await rm(`${path}-copy`, { recursive: true, force: true })
        await copyStores(path, `${path}-copy`)
        await server.start()
        return false
      }
      copies.delete(region)
      for (const name of STORES) await rm(join(path, name), { recursive: true, force: true })
      await copyStores(copy.at, path)
      await server.start()
      if (passed > copy.passed) await advanceOne(path, `${passed - copy.passed}s`)
      return true
    },
    async force(key, to, destroyed) {
      await askControl(roomOf(to), '/mrk/force-primary', { key, to, destroyed })
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
