import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { readConfig } from '../src/server/config/config.ts'
import { startServer, type Server } from '../src/server/start.ts'
import { sharedPostgres } from './postgres/postgres.ts'
import type { ServerAbout } from '../src/server/watch.ts'

/** The Regions that tests use unless they need others. */
export const HOME = 'us-east-1'
export const AWAY = 'eu-west-1'
export const FAR = 'ap-southeast-2'

/** Whether servers of tests have their data in PostgreSQL; in files where nobody asks for it. */
const ON_POSTGRES = process.env['KEYSPAN_TEST_ENGINE'] === 'postgresql'

/** A server of its own for one test file, on a free port, with its data in a temporary directory. */
export interface TestServer extends AsyncDisposable {
  readonly url: string
  /** Null where it shows no metrics. */
  readonly metricsUrl: string | null
  /** Null where it listens for no peers. */
  readonly peersUrl: string | null
  readonly path: string
  /** The access key of an account's root user, from the files that the server has written. */
  credentials(account?: string): Promise<{ accessKeyId: string; secretAccessKey: string }>
  /** Stops it; its data stays until the end of the test. */
  stop(): Promise<void>
  /** Stops it and starts it again on the same data. */
  restart(flags?: Readonly<Record<string, unknown>>): Promise<void>
}

/** Starts a server in development mode; `flags` are those of `keyspan serve`. */
export async function startTestServer(
  flags: Readonly<Record<string, unknown>> = {},
  about: ServerAbout = {},
): Promise<TestServer> {
  const path = await mkdtemp(join(tmpdir(), 'keyspan-'))
  const database = ON_POSTGRES ? { database: await (await sharedPostgres()).newDatabase() } : {}
  const log = pino({ level: 'silent' })
  const start = (more: Readonly<Record<string, unknown>>) =>
    startServer(readConfig({ data: path, port: 0, dev: true, ...database, ...flags, ...more }, {}), log, about)
  // Null where it was stopped, or a restart has failed.
  let server: Server | null = await start({})
  const stop = async (): Promise<void> => {
    await server?.stop()
    server = null
  }
  return {
    path,
    get url() {
      return server?.url ?? ''
    },
    get peersUrl() {
      return server?.peersUrl ?? null
    },
    get metricsUrl() {
      return server?.metricsUrl ?? null
    },
    credentials: (account) => credentialsIn(path, account),
    stop,
    async restart(more = {}) {
      await stop()
      server = await start(more)
    },
    async [Symbol.asyncDispose]() {
      await stop()
      await rm(path, { recursive: true })
    },
  }
}

/** The access key of an account's root user, from the files in a data directory. */
export async function credentialsIn(
  path: string,
  account?: string,
): Promise<{ accessKeyId: string; secretAccessKey: string }> {
  const text = await readFile(join(path, 'aws', 'credentials'), 'utf8')
  const profile = account === undefined ? 'keyspan' : `keyspan-${account}`
  const [, accessKeyId = '', secretAccessKey = ''] =
    new RegExp(`\\[${profile}\\]\naws_access_key_id = (.*)\naws_secret_access_key = (.*)\n`).exec(text) ?? []
  return { accessKeyId, secretAccessKey }
}
