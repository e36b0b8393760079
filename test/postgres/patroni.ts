import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { stringify } from 'yaml'
import { freePort, POSTGRES_BIN, postgresUser } from './postgres.ts'

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
}

/** How long a cluster may take to be whole, in milliseconds. */
const WHOLE_MS = 120_000

/** Starts a cluster on this machine, with one member of etcd, and makes a database for Keyspan. */
export async function startCluster(): Promise<Cluster> {
  const root = mkdtempSync(join(tmpdir(), 'keyspan-patroni-'))
  const id = process.getuid?.() === 0 ? { uid: postgresUser(), gid: postgresUser() } : {}
  const own = (path: string) => (id.uid === undefined ? undefined : chownSync(path, id.uid, id.gid))
  own(root)
  const [etcdPort, etcdPeerPort] = [await freePort(), await freePort()]
  const ports = new Map<Node, { readonly postgres: number; readonly rest: number }>()
  for (const node of NODES) ports.set(node, { postgres: await freePort(), rest: await freePort() })
  const etcd = startEtcd(root, etcdPort, etcdPeerPort)
  const running = new Map<Node, ChildProcess>()
  const portsOf = (node: Node) => ports.get(node) ?? { postgres: 0, rest: 0 }

  async function start(node: Node): Promise<void> {
    const directory = join(root, node)
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    own(directory)
    const file = join(root, `${node}.yml`)
    writeFileSync(file, stringify(configOf(node, directory, portsOf(node), etcdPort)))
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
      for (const node of NODES) if (await isWholeAt(portsOf(node).postgres)) return node
      if (performance.now() > deadline) throw new Error('The cluster is not whole again.')
      await sleep(200)
    }
  }

  for (const node of NODES) await start(node)
  const leader = await whole()
  const admin = await connect(portsOf(leader).postgres, 'postgres')
  await admin.query('create role keyspan login')
  await admin.query('create database keyspan owner keyspan')
  await admin.end()
  const hosts = NODES.map((node) => `127.0.0.1:${portsOf(node).postgres}`).join(',')
  return {
    url: `postgres://keyspan@${hosts}/keyspan`,
    whole,
    kill,
    start,
    async [Symbol.asyncDispose]() {
      for (const node of NODES) kill(node)
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
function configOf(
  node: Node,
  directory: string,
  { postgres, rest }: { readonly postgres: number; readonly rest: number },
  etcdPort: number,
) {
  const trusted = ['local all all trust', 'host all all 127.0.0.1/32 trust', 'host replication all 127.0.0.1/32 trust']
  return {
    scope: 'keyspan',
    name: node,
    restapi: { listen: `127.0.0.1:${rest}`, connect_address: `127.0.0.1:${rest}` },
    etcd3: { host: `127.0.0.1:${etcdPort}` },
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
      connect_address: `127.0.0.1:${postgres}`,
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
