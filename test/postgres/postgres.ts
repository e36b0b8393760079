import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { freePort } from '../free-port.ts'

/** A server of PostgreSQL of this machine's, on a free port, whose data goes with this process. */
export interface TestPostgres {
  readonly port: number
  /**
   * Makes a database, and gives its address.
   *
   * @param from the address of one that it is to be a copy of; the sessions of that one are ended
   */
  newDatabase(from?: string): Promise<string>
  /** Puts a copy of a database in place of another, whose sessions are ended. Both are addresses of this server. */
  copyDatabase(from: string, to: string): Promise<void>
  /** Runs statements in a database. */
  query(url: string, text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>
  /** Runs several statements in a database; gives the rows of each. What they set holds for them alone. */
  run(url: string, statements: string): Promise<readonly (readonly Record<string, never>[])[]>
  /** Ends the session in which an address was asked. */
  leave(url: string): Promise<void>
  /** Ends it as a power cut would. */
  stop(): Promise<void>
}

const WAIT_MS = 50
const ATTEMPTS = 600
const NOBODY = 65_534
/** The first version that can be told how to copy a database. */
const FIRST_WITH_STRATEGIES = 150_000

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

/** How a server lets others in. */
export interface PostgresDoor {
  /** PEM: its certificate and its private key; a server without them has no TLS. */
  readonly tls?: { readonly cert: string; readonly key: string }
  /** The password of `keyspan`, where it wants one. */
  readonly password?: string
  /** A free one, unless it is to have one. */
  readonly port?: number
  /** Whether it brings to disk what it commits: tests have no power cuts. */
  readonly isDurable?: boolean
}

/**
 * Its texts are not in the order of their bytes, where nobody asks for that. It ends when its standard input does; whoever
 * listens to what its parent says does not wait until its files are gone.
 */
const SCRIPT = `
"$BIN/initdb" -D "$DIR/data" -U keyspan $AUTH --no-sync -E UTF8 --locale=C.UTF-8 --locale-provider=icu --icu-locale=en >/dev/null || exit 1
"$BIN/postgres" -D "$DIR/data" -p "$PORT" -k "$DIR" $SYNC -c shared_buffers=32MB \\
  -c max_connections=200 -c log_min_messages=panic $TLS &
cat >/dev/null
exec 2>/dev/null
kill -QUIT $!
wait $!
rm -rf "$DIR"
`

const UNSYNCED = '-c fsync=off -c full_page_writes=off'

/** One that none of those who share it stops. */
export type SharedPostgres = Omit<TestPostgres, 'stop'>

let shared: Promise<SharedPostgres> | null = null

/** The one that all tests of this process share. */
export function sharedPostgres(): Promise<SharedPostgres> {
  return (shared ??= startPostgres())
}

/** Starts one. */
export async function startPostgres(door: PostgresDoor = {}): Promise<TestPostgres> {
  if (POSTGRES_BIN === null) throw new Error('PostgreSQL is not on this machine.')
  const directory = mkdtempSync(join(tmpdir(), 'keyspan-postgres-'))
  const port = door.port ?? (await freePort())
  // It refuses to run as root.
  const id = process.getuid?.() === 0 ? { uid: postgresUser(), gid: postgresUser() } : {}
  if (id.uid !== undefined) chownSync(directory, id.uid, id.gid)
  const child = spawn('sh', ['-c', SCRIPT], {
    ...id,
    cwd: directory,
    stdio: ['pipe', 'ignore', 'inherit'],
    env: {
      ...process.env,
      ...doorEnvironment(door, directory, id.uid),
      BIN: POSTGRES_BIN,
      DIR: directory,
      PORT: String(port),
      LC_ALL: 'C',
      SYNC: door.isDurable === true ? '' : UNSYNCED,
    },
  })
  const password = door.password === undefined ? '' : `:${door.password}`
  const url = (database: string) => `postgres://keyspan${password}@127.0.0.1:${port}/${database}`
  const { ask, leave } = createSessions()
  await untilItAnswers(() => ask(url('postgres'), 'select 1'), child)
  // Nobody waits for it.
  child.unref()
  ;(child.stdin as unknown as { unref(): void }).unref()

  async function endSessionsOf(database: string): Promise<void> {
    await leave((address) => nameIn(address) === database)
    await ask(url('postgres'), 'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [database])
  }

  return {
    port,
    async newDatabase(from) {
      const name = `test_${randomUUID().replaceAll('-', '')}`
      if (from !== undefined) await endSessionsOf(nameIn(from))
      await ask(url('postgres'), `create database ${name} ${await sourceOf(ask, url('postgres'), from)}`)
      return url(name)
    },
    async copyDatabase(from, to) {
      await endSessionsOf(nameIn(from))
      await leave((address) => nameIn(address) === nameIn(to))
      await ask(url('postgres'), `drop database if exists ${nameIn(to)} with (force)`)
      await ask(url('postgres'), `create database ${nameIn(to)} ${await sourceOf(ask, url('postgres'), from)}`)
    },
    query: async (database, text, values) => (await ask(database, text, values)).at(-1)?.rows ?? [],
    async run(database, statements) {
      try {
        return (await ask(database, statements)).map(({ rows }) => rows)
      } finally {
        await ask(database, 'discard all')
      }
    },
    leave: (address) => leave((each) => each === address),
    async stop() {
      await leave(() => true)
      child.ref()
      const exit = once(child, 'exit')
      child.ref()
      child.stdin?.end()
      await exit
    },
  }
}

/** Writes what it needs to let others in, and says how it is told. */
function doorEnvironment({ tls, password }: PostgresDoor, directory: string, uid: number | undefined) {
  const write = (name: string, content: string): string => {
    const path = join(directory, name)
    writeFileSync(path, content, { mode: 0o600 })
    if (uid !== undefined) chownSync(path, uid, uid)
    return path
  }
  const files =
    tls === undefined
      ? ''
      : `-c ssl=on -c ssl_cert_file=${write('cert.pem', tls.cert)} -c ssl_key_file=${write('key.pem', tls.key)}`
  const auth = password === undefined ? '-A trust' : `-A scram-sha-256 --pwfile=${write('password', `${password}\n`)}`
  return { TLS: files, AUTH: auth }
}

/** The name of a database in its address. */
const nameIn = (address: string) => new URL(address).pathname.slice(1)

/** A session that is kept. */
interface KeptSession {
  readonly client: Client & { ref(): void; unref(): void }
  /** How many wait for its answers. */
  asked: number
}

/** Sessions that are kept, by their addresses: one that begins costs as much as some hundred statements. */
function createSessions() {
  const kept = new Map<string, Promise<KeptSession>>()

  async function begin(url: string): Promise<KeptSession> {
    const client = new Client({ connectionString: url }) as KeptSession['client']
    const forget = () => void kept.delete(url)
    client.on('error', forget).on('end', forget)
    await client.connect()
    return { client, asked: 0 }
  }

  function sessionOf(url: string): Promise<KeptSession> {
    const session = kept.get(url) ?? begin(url)
    kept.set(url, session)
    session.catch(() => kept.delete(url))
    return session
  }

  const ask = async (url: string, text: string, values: readonly unknown[] = []) => {
    const session = await sessionOf(url)
    session.asked += 1
    session.client.ref()
    try {
      return [await session.client.query<Record<string, never>>(text, [...values])].flat()
    } finally {
      session.asked -= 1
      // Nobody waits for it.
      if (session.asked === 0) session.client.unref()
    }
  }

  const leave = async (isLeft: (url: string) => boolean): Promise<void> => {
    const left = [...kept].filter(([url]) => isLeft(url))
    await Promise.all(
      left.map(async ([, session]) => {
        const { client } = await session
        // Whoever waits for its end goes on until then.
        client.ref()
        await client.end()
      }),
    )
  }

  return { ask, leave }
}

/** From what a database is made: as files where it can be, which is half the work of its pages one by one. */
async function sourceOf(ask: ReturnType<typeof createSessions>['ask'], url: string, from?: string): Promise<string> {
  const template = from === undefined ? '' : `template ${nameIn(from)}`
  const [version] = await ask(url, 'show server_version_num')
  // An older one has no other way.
  return Number(version?.rows[0]?.['server_version_num']) < FIRST_WITH_STRATEGIES
    ? template
    : `${template} strategy file_copy`
}

async function untilItAnswers(ask: () => Promise<unknown>, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (child.exitCode !== null) break
    try {
      await ask()
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
