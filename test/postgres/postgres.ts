import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'

/** A server of PostgreSQL of this machine's, on a free port, whose data goes with this process. */
export interface TestPostgres {
  readonly port: number
  /** Makes a database, and gives its address. */
  newDatabase(): Promise<string>
  /** Puts a copy of a database in place of another, whose sessions are ended. Both are addresses of this server. */
  copyDatabase(from: string, to: string): Promise<void>
  /** Runs statements in a database. */
  query(url: string, text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>
  /** Ends it as a power cut would. */
  stop(): Promise<void>
}

const WAIT_MS = 50
const ATTEMPTS = 600
const NOBODY = 65_534

/** Where PostgreSQL is on this machine; null where it is not. */
export const POSTGRES_BIN: string | null = binaries()

if (POSTGRES_BIN === null) {
  process.stderr.write(
    'ATTENTION: PostgreSQL is not on this machine (apt-get install postgresql): its tests are skipped.\n',
  )
}

function binaries(): string | null {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).toSorted((a, b) => Number(b) - Number(a)) : []
  const places = [...versions.map((version) => join(root, version, 'bin')), ...(process.env['PATH'] ?? '').split(':')]
  return places.find((place) => existsSync(join(place, 'initdb')) && existsSync(join(place, 'postgres'))) ?? null
}

/** Its texts are not in the order of their bytes, where nobody asks for that. It ends when its standard input does. */
const SCRIPT = `
"$BIN/initdb" -D "$DIR/data" -U keyspan -A trust --no-sync -E UTF8 --locale=C.UTF-8 --locale-provider=icu --icu-locale=en >/dev/null || exit 1
"$BIN/postgres" -D "$DIR/data" -p "$PORT" -k "$DIR" -c fsync=off -c full_page_writes=off -c shared_buffers=32MB \\
  -c max_connections=200 -c log_min_messages=panic &
cat >/dev/null
kill -QUIT $!
wait $!
rm -rf "$DIR"
`

let shared: Promise<TestPostgres> | null = null

/** The one that tests of this process share. */
export function sharedPostgres(): Promise<TestPostgres> {
  return (shared ??= startPostgres())
}

/** Starts one. */
export async function startPostgres(): Promise<TestPostgres> {
  if (POSTGRES_BIN === null) throw new Error('PostgreSQL is not on this machine.')
  const directory = mkdtempSync(join(tmpdir(), 'keyspan-postgres-'))
  const port = await freePort()
  // It refuses to run as root.
  const id = process.getuid?.() === 0 ? { uid: postgresUser(), gid: postgresUser() } : {}
  if (id.uid !== undefined) chownSync(directory, id.uid, id.gid)
  const child = spawn('sh', ['-c', SCRIPT], {
    ...id,
    cwd: directory,
    stdio: ['pipe', 'ignore', 'inherit'],
    env: { ...process.env, BIN: POSTGRES_BIN, DIR: directory, PORT: String(port), LC_ALL: 'C' },
  })
  const url = (database: string) => `postgres://keyspan@127.0.0.1:${port}/${database}`
  await untilItAnswers(url('postgres'), child)
  // Nobody waits for it.
  child.unref()
  ;(child.stdin as unknown as { unref(): void }).unref()
  return {
    port,
    async newDatabase() {
      const name = `test_${randomUUID().replaceAll('-', '')}`
      await query(url('postgres'), `create database ${name}`)
      return url(name)
    },
    async copyDatabase(from, to) {
      const [source, target] = [from, to].map((address) => new URL(address).pathname.slice(1))
      await query(url('postgres'), 'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [
        source,
      ])
      await query(url('postgres'), `drop database if exists ${target} with (force)`)
      await query(url('postgres'), `create database ${target} template ${source}`)
    },
    query,
    async stop() {
      const exit = once(child, 'exit')
      child.ref()
      child.stdin?.end()
      await exit
    },
  }
}

async function query(url: string, text: string, values: readonly unknown[] = []) {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text, [...values])).rows
  } finally {
    await client.end()
  }
}

async function untilItAnswers(url: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (child.exitCode !== null) break
    try {
      await query(url, 'select 1')
      return
    } catch {
      await sleep(WAIT_MS)
    }
  }
  throw new Error('PostgreSQL does not start.')
}

/** The user as whom PostgreSQL runs where this process is root. */
export function postgresUser(): number {
  try {
    return Number(execFileSync('id', ['-u', 'postgres'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString())
  } catch {
    return NOBODY
  }
}

/** A port that nobody uses now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
