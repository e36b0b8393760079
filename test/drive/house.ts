import { existsSync } from 'node:fs'
import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { askRunningServer } from '../../src/cli/control-client.ts'
import { dataDirectory } from '../../src/server/data/data-directory.ts'
import { sayPutBack } from '../../src/server/data/put-back.ts'
import { forgetOffline } from '../../src/server/disaster/offline.ts'
import { openKeptRoot } from '../../src/server/trust/open-root.ts'
import { askControl, pauseReplication } from '../control.ts'
import { createServerProcess } from '../server-process.ts'
import type { Credentials } from './client.ts'

/** Where the Regions that are driven live: in one process, in one each, or in two. */
export interface House extends AsyncDisposable {
  /** Where clients reach a Region: whoever answers 503 has done nothing, and another is asked. */
  urlsOf(region: string): readonly string[]
  /** Where a process of a Region is reached that is held just now and knows nothing of it; null where none is. */
  heldUrlOf(region: string): string | null
  credentials(): Promise<Credentials>
  /** Cuts lines between Regions, or lets all be again. */
  pause(isPaused: boolean): Promise<void>
  /** Whether a line is cut now. */
  isCut(): boolean
  /** Moves every clock. Resolves to the time that it is then. */
  advance(duration: string): Promise<number>
  /** Kills a process, the next one each time, and starts it again; or holds it for a while. */
  restart(): Promise<void>
  /** Copies what a Region is now, or puts it back to that. Says whether it was put back; nothing may be under way. */
  putBack(region: string, meanwhile: () => Promise<void>): Promise<boolean>
  /** Gives a key's primary to another Region, in place of one that has forgotten it. */
  force(key: string, to: string, destroyed: string): Promise<void>
  /** Destroys a Region for good, and has the others forget it. Says whether it is away until it is brought back. */
  lose(region: string): Promise<boolean>
  /**
   * Brings back a Region that was declared to be gone: with no data at all, or with what it had.
   *
   * @param meanwhile is done while it runs as what it was
   */
  bringBack(region: string, isAnew: boolean, meanwhile: () => Promise<void>): Promise<void>
  /** The Region whose data has the accounts in it, where they are put back with it; null where they are not. */
  readonly accountsWith: string | null
  /** Has all others take the accounts anew from a home that was put back: an operator would. */
  followHome(): Promise<void>
  /** Every data directory that a Region has, or has had. */
  pathsOf(region: string): readonly string[]
  /** Whether a Region has several nodes: one may take over from another at any time, and what that was asked is cut off. */
  readonly takesOver: boolean
  /** For how long a Region may decide by accounts that are not so any more, in milliseconds. */
  readonly staleMs: number
  /** So often things may be said again before all must have settled, with so many milliseconds in between. */
  readonly rounds: number
  readonly settlingMs: number
}

/** The files of a database. */
const ENDS = ['', '-wal', '-shm']

/** All Regions in one process. */
export async function houseOfOne(regions: readonly string[]): Promise<House> {
  const server = await createServerProcess('--regions', regions.join(','))
  await server.start()
  let isPaused = false
  let offset = 0
  /** Regions that were copied, each with those that were replaced since. */
  const copies = new Map<string, Set<string>>()
  const forget = (region: string) => {
    const data = dataDirectory(server.path)
    return forgetOffline(data, region, true, Date.now() + offset, () => openKeptRoot(data))
  }
  return {
    urlsOf: () => [server.url],
    heldUrlOf: () => null,
    credentials: () => server.credentials(),
    isCut: () => isPaused,
    pathsOf: () => [server.path],
    accountsWith: null,
    followHome: async () => {},
    takesOver: false,
    staleMs: 0,
    rounds: 6,
    settlingMs: 0,
    async pause(paused) {
      isPaused = paused
      await pauseReplication(server, paused)
    },
    async advance(duration) {
      const now = await advanceOne(server.path, duration)
      offset = now - Date.now()
      return now
    },
    async restart() {
      await server.kill()
      isPaused = false
      await server.start()
    },
    async putBack(region, meanwhile) {
      const isBack = copies.has(region)
      if (isBack) await meanwhile()
      await server.kill()
      const data = dataDirectory(server.path)
      const copy = join(server.path, `copy-of-${region}`)
      const from = isBack ? copy : data.region(region)
      if (!existsSync(isBack ? copy : from)) {
        await server.start()
        return false
      }
      for (const end of ENDS) {
        await rm(`${isBack ? data.region(region) : copy}${end}`, { force: true })
        if (existsSync(`${from}${end}`)) await copyFile(`${from}${end}`, `${isBack ? data.region(region) : copy}${end}`)
      }
      if (isBack) {
        await sayPutBack(data, [region], 'a drive')
        for (const stranger of copies.get(region) ?? []) await forget(stranger)
        copies.delete(region)
      } else copies.set(region, new Set())
      isPaused = false
      await server.start()
      return isBack
    },
    async force(key, to, destroyed) {
      await askControl(server, '/mrk/force-primary', { key, to, destroyed, isAgreed: true })
    },
    async lose(region) {
      await server.kill()
      const data = dataDirectory(server.path)
      for (const end of ENDS) await rm(`${data.region(region)}${end}`, { force: true })
      await forget(region)
      copies.delete(region)
      for (const strangers of copies.values()) strangers.add(region)
      isPaused = false
      await server.start()
      return false
    },
    bringBack: () => Promise.reject(new Error('Where all Regions are in one process, none is away.')),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

/** Moves the clock of one process, and lets what is due there happen. */
export async function advanceOne(path: string, duration: string): Promise<number> {
  const answer = await askRunningServer(dataDirectory(path), '/clock', { advance: duration })
  return Date.parse(z.object({ now: z.string() }).parse(answer).now)
}
