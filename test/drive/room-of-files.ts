import { existsSync } from 'node:fs'
import { cp, mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { dataDirectory } from '../../src/server/data/data-directory.ts'
import { moveHome } from '../../src/server/data/move-home.ts'
import { recoverOffline } from '../../src/server/disaster/offline.ts'
import { freePort } from '../free-port.ts'
import { joinAt } from '../places/places.ts'
import { createServerProcessIn, type ServerProcess } from '../server-process.ts'
import { QUIET, type Room, type RoomPlan } from './room.ts'

/** How long a process is held, in milliseconds. */
const HELD_MS = 1500

/** The databases: what is put back. The audit log is not. */
const STORES = ['regions', 'global.sqlite', 'global.sqlite-wal', 'global.sqlite-shm']

/** A Region in one process, with its data in files. */
export async function roomOfFiles({ region, flags }: RoomPlan): Promise<Room> {
  const port = await freePort()
  const create = () => createServerProcessIn(tmpdir(), QUIET, ...flags, '--peer-port', String(port))
  const servers: ServerProcess[] = [await create()]
  const now = (): ServerProcess => servers[0] as ServerProcess
  const copyPath = () => `${now().path}-copy`
  return {
    region,
    urls: () => [now().url],
    heldUrl: () => null,
    path: () => now().path,
    paths: () => servers.map(({ path }) => path),
    peerPort: () => port,
    credentials: () => now().credentials(),
    start: () => now().start(),
    kill: () => now().kill(),
    async fail(number) {
      // Each third time it is held for a while, and knows nothing of it.
      if (number % 3 === 0) {
        now().signal('SIGSTOP')
        await setTimeout(HELD_MS)
        return now().signal('SIGCONT')
      }
      await now().kill()
      await now().start()
    },
    copy: () => copyStores(now().path, copyPath()),
    putCopyBack: () => copyStores(copyPath(), now().path),
    async beginAnew(introduction) {
      await now().kill()
      servers.unshift(await create())
      await joinAt(now().path, introduction)
    },
    async recover() {
      await recoverOffline(dataDirectory(now().path), region, null, true)
    },
    async follow(home) {
      await moveHome(dataDirectory(now().path), home, true, Date.now())
    },
    async [Symbol.asyncDispose]() {
      for (const server of servers) {
        await server[Symbol.asyncDispose]()
        await rm(`${server.path}-copy`, { recursive: true, force: true })
      }
    },
  }
}

async function copyStores(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  for (const name of STORES) {
    await rm(join(to, name), { recursive: true, force: true })
    if (existsSync(join(from, name))) await cp(join(from, name), join(to, name), { recursive: true })
  }
}
