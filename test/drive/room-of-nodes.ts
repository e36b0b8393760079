import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { askServer } from '../../src/cli/control-client.ts'
import { dataDirectory } from '../../src/server/data/data-directory.ts'
import { joinAt } from '../places/places.ts'
import type { TestPostgres } from '../postgres/postgres.ts'
import { MAIN } from '../program/program.ts'
import { createNode, type Node } from './node.ts'
import type { Introduced, Room, RoomPlan } from './room.ts'

/** How long a node is held, in milliseconds: longer than its lease lasts, so that another takes over meanwhile. */
const HELD_MS = 9000
/** How long it may take until somebody serves, and how often that is looked at, in milliseconds. */
const SERVING_MS = 60_000
const LOOK_MS = 200

/** A Region with two nodes on one database of PostgreSQL, either of which may serve. */
export async function roomOfNodes({ region, flags }: RoomPlan, postgres: TestPostgres): Promise<Room> {
  const shared = await mkdtemp(join(tmpdir(), 'keyspan-shared-'))
  const rootKey = join(shared, 'root.key')
  const former: Node[] = []
  let database = await postgres.newDatabase()
  let nodes: readonly Node[] = await createNodes()
  let leading = 0
  let held = Promise.resolve()
  const leader = (): Node => nodes[leading] as Node
  const pathOf = (node: Node) => node.process.path

  function createNodes(): Promise<readonly Node[]> {
    const all = [...flags, '--database', database, '--root-key', rootKey]
    return Promise.all([createNode(all), createNode(all)])
  }
  /** Looks who leads, and has it that others go there. */
  async function look(): Promise<boolean> {
    const leads = await Promise.all(nodes.map(async (node) => !node.isHeld() && (await node.leads())))
    if (!leads[leading]) leading = Math.max(0, leads.indexOf(true))
    return leads[leading] === true
  }
  async function untilServed(): Promise<void> {
    const end = performance.now() + SERVING_MS
    // Clients are served a moment before commands are.
    while (!(await look()) || (await askServer(dataDirectory(pathOf(leader())), '/region/status', {})) === null) {
      if (performance.now() > end) throw new Error(`Nobody serves ${region}.`)
      await setTimeout(LOOK_MS)
    }
  }
  const watch = setInterval(() => void look(), LOOK_MS * 2)
  async function start(): Promise<void> {
    for (const node of nodes) node.start()
    await untilServed()
  }
  const kill = async () => void (await Promise.all(nodes.map((node) => node.kill())))
  async function keyspan(...command: readonly string[]): Promise<void> {
    const where = ['--data', pathOf(leader()), '--root-key', rootKey, '--database', database]
    await promisify(execFile)(process.execPath, [MAIN, ...command, ...where])
  }
  return {
    region,
    urls: () => nodes.filter((node) => !node.isHeld()).map(({ url }) => url),
    heldUrl: () => nodes.find((node) => node.isHeld())?.url ?? null,
    path: () => pathOf(leader()),
    paths: () => [...nodes, ...former].map(pathOf),
    peerPort: () => leader().peerPort,
    // Whichever was the first has made the account.
    credentials: () => Promise.any(nodes.map((node) => node.process.credentials())),
    start,
    kill,
    async fail(number) {
      await held
      const victim = leader()
      const other = nodes.find((node) => node !== victim) as Node
      switch (number % 4) {
        case 0:
          held = victim.hold(HELD_MS)
          break
        case 1:
          await victim.process.kill()
          break
        case 2:
          await other.process.kill()
          break
        case 3:
          await Promise.all(nodes.map((node) => node.process.kill()))
      }
      await untilServed()
    },
    copy: () => postgres.copyDatabase(database, `${database}_copy`),
    putCopyBack: () => postgres.copyDatabase(`${database}_copy`, database),
    async beginAnew(introduction: Introduced) {
      await kill()
      former.push(...nodes)
      database = await postgres.newDatabase()
      nodes = await createNodes()
      leading = 0
      await joinAt(pathOf(leader()), introduction, rootKey)
      await keyspan('storage', 'copy', '--to', 'database')
    },
    follow: (home) => keyspan('region', 'home', home, '--yes'),
    recover: () => keyspan('region', 'recover', region, '--yes'),
    async [Symbol.asyncDispose]() {
      clearInterval(watch)
      for (const node of [...nodes, ...former]) await node[Symbol.asyncDispose]()
      await rm(shared, { recursive: true, force: true })
    },
  }
}
