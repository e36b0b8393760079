import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { stringify } from 'yaml'
import { freePort } from '../free-port.ts'
import { createLine, type Line } from '../places/line.ts'
import { POSTGRES_BIN, postgresUser } from './postgres.ts'

const NODES = ['one', 'two', 'three'] as const
type Node = (typeof NODES)[number]

/** Three servers of PostgreSQL that Patroni keeps, with synchronous replication. */
export interface Cluster extends AsyncDisposable {
  /** The address of its database, with all hosts. */
  readonly url: string
  /** Waits until one leads and another follows it synchronously; gives who leads. */
  whole(): Promise<Node>
  /** Ends a node as a power cut does. */
  kill(node: Node): void
  start(node: Node): Promise<void>
  /** Cuts a node off from etcd and from the others, while clients reach it all the same; or lets it be again. */
  isolate(node: Node, isAlone: boolean): void
}

/** How long a cluster may take to be whole, in milliseconds. */
const WHOLE_MS = 120_000

/** Where a node listens, and by which lines it is reached by other nodes and reaches etcd. */
interface Place {
  readonly postgres: number
  readonly rest: number
  readonly lines: { readonly postgres: Line; readonly rest: Line; readonly etcd: Line }
}

async function createPlace(etcdPort: number): Promise<Place> {
  const [postgres, rest] = [await freePort(), await freePort()]
  const lines = {
    postgres: await createLine(() => postgres),
    rest: await createLine(() => rest),
    etcd: await createLine(() => etcdPort),
  }
  return { postgres, rest, lines }
}

/** Starts a cluster on this machine, with one member of etcd, and makes a database for Keyspan. */
export async function startCluster(): Promise<Cluster> {
  const root = mkdtempSync(join(tmpdir(), 'keyspan-patroni-'))
  const id = process.getuid?.() === 0 ? { uid: postgresUser(), gid: postgresUser() } : {}
  const own = (path: string) => (id.uid === undefined ? undefined : chownSync(path, id.uid, id.gid))
  own(root)
  const [etcdPort, etcdPeerPort] = [await freePort(), await freePort()]
  const places = new Map<Node, Place>()
  for (const node of NODES) places.set(node, await createPlace(etcdPort))
  const etcd = startEtcd(root, etcdPort, etcdPeerPort)
  const running = new Map<Node, ChildProcess>()
  const placeOf = (node: Node): Place => places.get(node) as Place

  async function start(node: Node): Promise<void> {
    const directory = join(root, node)
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    own(directory)
    const file = join(root, `${node}.yml`)
    writeFileSync(file, stringify(configOf(node, directory, placeOf(node))))
    const env = { PATH: `${POSTGRES_BIN}:/usr/bin:/bin`, HOME: directory, LC_ALL: 'C.UTF-8' }
    const child = spawn('patroni', [file], { ...id, cwd: directory, env, stdio: 'ignore', detached: true })
    running.set(node, child)
    await once(child, 'spawn')
  }

  function kill(node: Node): void {
    const child = running.get(node)
    running.delete(node)
    child?.kill('SIGKILL')
    // PostgreSQL has a session of its own; its children end with it.
    for (const pid of pidsOf(join(root, node))) process.kill(pid, 'SIGKILL')
  }

  async function whole(): Promise<Node> {
    const deadline = performance.now() + WHOLE_MS
    for (;;) {
      for (const node of NODES) if (await isWholeAt(placeOf(node).postgres)) return node
      if (performance.now() > deadline) throw new Error('The cluster is not whole again.')
      await sleep(200)
    }
  }

  for (const node of NODES) await start(node)
  const leader = await whole()
  const admin = await connect(placeOf(leader).postgres, 'postgres')
  await admin.query('create role keyspan login')
  await admin.query('create database keyspan owner keyspan')
  await admin.end()
  const hosts = NODES.map((node) => `127.0.0.1:${placeOf(node).postgres}`).join(',')
  return {
    url: `postgres://keyspan@${hosts}/keyspan`,
    whole,
    kill,
    start,
    isolate(node, isAlone) {
      for (const line of Object.values(placeOf(node).lines)) line.hold(isAlone)
    },
    async [Symbol.asyncDispose]() {
      for (const node of NODES) kill(node)
      for (const node of NODES) for (const line of Object.values(placeOf(node).lines)) await line[Symbol.asyncDispose]()
      const exit = once(etcd, 'exit')
      etcd.kill('SIGKILL')
      await exit
      rmSync(root, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function startEtcd(root: string, port: number, peerPort: number): ChildProcess {
  const client = `http://127.0.0.1:${port}`
  const peer = `http://127.0.0.1:${peerPort}`
  const flags = {
    'data-dir': join(root, 'etcd'),
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `default=${peer}`,
  }
  return spawn(
    'etcd',
    Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
    { stdio: 'ignore' },
  )
}

/** As docs/guide/postgresql.md has it, with the shortest times that Patroni takes. */
function configOf(node: Node, directory: string, { postgres, rest, lines }: Place) {
  const trusted = ['local all all trust', 'host all all 127.0.0.1/32 trust', 'host replication all 127.0.0.1/32 trust']
  return {
    scope: 'keyspan',
    name: node,
    restapi: { listen: `127.0.0.1:${rest}`, connect_address: `127.0.0.1:${lines.rest.port}` },
    // Its only way to etcd: it would ask who its members are, and go there.
    etcd3: { hosts: `127.0.0.1:${lines.etcd.port}`, use_proxies: true },
    bootstrap: {
      dcs: {
        ttl: 20,
        loop_wait: 2,
        retry_timeout: 5,
        maximum_lag_on_failover: 1_048_576,
        master_start_timeout: 0,
        synchronous_mode: true,
        synchronous_mode_strict: true,
        postgresql: { use_pg_rewind: true, parameters: { max_connections: 100, shared_buffers: '32MB' } },
      },
      initdb: [{ encoding: 'UTF8' }, { locale: 'C.UTF-8' }, 'data-checksums'],
      pg_hba: trusted,
    },
    postgresql: {
      listen: `127.0.0.1:${postgres}`,
      connect_address: `127.0.0.1:${lines.postgres.port}`,
      data_dir: join(directory, 'data'),
      bin_dir: POSTGRES_BIN,
      pg_hba: trusted,
      authentication: { superuser: { username: 'postgres' }, replication: { username: 'postgres' } },
      parameters: { unix_socket_directories: directory },
    },
  }
}

async function connect(port: number, user: string): Promise<Client> {
  const client = new Client({ host: '127.0.0.1', port, user, database: 'postgres', connectionTimeoutMillis: 1000 })
  client.on('error', () => {})
  await client.connect()
  return client
}

/** Whether a server leads, and both others follow it, one of them synchronously. */
async function isWholeAt(port: number): Promise<boolean> {
  try {
    const client = await connect(port, 'postgres')
    try {
      const { rows } = await client.query<{ followers: string; synchronous: string }>(
        `select count(*) as followers, count(*) filter (where sync_state = 'sync') as synchronous
         from pg_stat_replication where state = 'streaming' and not pg_is_in_recovery()`,
      )
      return rows[0]?.followers === '2' && rows[0].synchronous === '1'
    } finally {
      await client.end()
    }
  } catch {
    return false
  }
}

/** The processes that have a node's directory in their command line. */
function pidsOf(directory: string): readonly number[] {
  try {
    const found = execFileSync('pgrep', ['-f', '--', `-D ${directory}/data`], { encoding: 'utf8' })
    return found.trim().split('\n').map(Number)
  } catch {
    return []
  }
}
