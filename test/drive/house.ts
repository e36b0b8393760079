import { existsSync } from 'node:fs'
import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { askRunningServer } from '../../src/cli/control-client.ts'
import { dataDirectory } from '../../src/server/data/data-directory.ts'
import { sayPutBack } from '../../src/server/data/put-back.ts'
import { askControl, pauseReplication } from '../control.ts'
import { createServerProcess } from '../server-process.ts'

/** Where the Regions that are driven live: in one process, or in one each. */
export interface House extends AsyncDisposable {
  /** Where clients reach a Region. */
  endpointOf(region: string): string
  credentials(): Promise<{ accessKeyId: string; secretAccessKey: string }>
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
  /** Where the data of a Region lies. */
  pathOf(region: string): string
  /** So often things may be said again before all must have settled, with so many milliseconds in between. */
  readonly rounds: number
  readonly settlingMs: number
}

/** All Regions in one process. */
export async function houseOfOne(regions: readonly string[]): Promise<House> {
  const server = await createServerProcess('--regions', regions.join(','))
  await server.start()
  let isPaused = false
  const copies = new Set<string>()
  return {
    endpointOf: () => server.url,
    credentials: () => server.credentials(),
    isCut: () => isPaused,
    pathOf: () => server.path,
    rounds: 6,
    settlingMs: 0,
    async pause(paused) {
      isPaused = paused
      await pauseReplication(server, paused)
    },
    advance: (duration) => advanceOne(server.path, duration),
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
      for (const end of ['', '-wal', '-shm']) {
        await rm(`${isBack ? data.region(region) : copy}${end}`, { force: true })
        if (existsSync(`${from}${end}`)) await copyFile(`${from}${end}`, `${isBack ? data.region(region) : copy}${end}`)
      }
      if (isBack) {
        copies.delete(region)
        await sayPutBack(data, [region], 'a drive')
      } else copies.add(region)
      isPaused = false
      await server.start()
      return isBack
    },
    async force(key, to, destroyed) {
      await askControl(server, '/mrk/force-primary', { key, to, destroyed })
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

/** Moves the clock of one process, and lets what is due there happen. */
export async function advanceOne(path: string, duration: string): Promise<number> {
  const answer = await askRunningServer(dataDirectory(path), '/clock', { advance: duration })
  return Date.parse(z.object({ now: z.string() }).parse(answer).now)
}
