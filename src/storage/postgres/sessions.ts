import { isIP } from 'node:net'
import { Client, types, type CustomTypesConfig } from 'pg'
import { obstacleOf, type Obstacle } from './connect-error.ts'
import type { PostgresAddress } from './postgres-url.ts'

/** How long it may take to connect, in milliseconds. */
const CONNECT_MS = 5000
/** What PostgreSQL ends by itself: a statement, waiting for a lock, and a transaction in which nothing is asked. */
const LIMITS =
  'set statement_timeout = 30000; set lock_timeout = 10000; set idle_in_transaction_session_timeout = 15000'

/** Numbers are numbers: no count and no time is beyond what a number holds. */
const TYPES: CustomTypesConfig = {
  getTypeParser: ((oid: Parameters<typeof types.getTypeParser>[0], format?: 'text' | 'binary') =>
    oid === types.builtins.INT8 ? Number : types.getTypeParser(oid, format)) as CustomTypesConfig['getTypeParser'],
}

/** A session of PostgreSQL, used by one at a time. */
export interface Session {
  readonly client: Client
  /** The schema in which it finds tables. */
  schema: string | null
  /** It is in no state to be used again. */
  isBroken: boolean
}

/** How sessions are made. */
export interface SessionOptions {
  readonly address: PostgresAddress
  /** Null for what libpq would use: PGPASSWORD, or the file that PGPASSFILE names. */
  readonly password: string | null
  /** By what name the server shows who has a session. */
  readonly name: string
  /** What else is done with a session before it is used; what it throws ends it. */
  readonly prepare?: (client: Client) => Promise<void>
}

/** Sessions that are alike. */
export interface Sessions {
  /** Waits for one that nobody uses. */
  acquire(): Promise<Session>
  release(session: Session): void
  close(): Promise<void>
}

/** That no host answers, or none takes changes: trying again may help. */
class ConnectError extends Error {}

/** That a host lets nobody in who comes so, or is not to be believed; the message says what to do. */
export class EntryError extends Error {}

/** PostgreSQL's own of connections, resources and operators; and what the operating system says of a connection. */
const AWAY_CODE = /^((08|53|57)...|ECONNRESET|EPIPE|ETIMEDOUT|ECONNABORTED|EHOSTUNREACH|ENETUNREACH|ENETDOWN)$/
/** The driver's, of a connection that has ended: while it was asked, or before. */
const AWAY_MESSAGE =
  /^(Connection terminated|Client (has encountered a connection error|was closed) and is not queryable)/

/** Says whether trying again later may help: nobody answers now, or those who do are not ready. */
export function isAway(error: unknown): boolean {
  const { code = '', message = '' } = error as { code?: string; message?: string }
  return error instanceof ConnectError || AWAY_CODE.test(code) || AWAY_MESSAGE.test(message)
}

/**
 * Connects to the first host that takes changes.
 *
 * @throws ConnectError, or EntryError where trying again does not help
 */
export async function connect({ address, password, name, prepare }: SessionOptions): Promise<Client> {
  const { hosts, database, user, tls } = address
  const errors: unknown[] = []
  const obstacles: Obstacle[] = []
  for (const { host, port } of hosts) {
    const client = new Client({
      host,
      port,
      database,
      user,
      ...(password !== null && { password }),
      // The name that the certificate has to be for; an address is none that could be asked for.
      ssl: tls === false ? false : { ...tls, ...(isIP(host) === 0 ? { servername: host } : { host }) },
      application_name: name,
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
      types: TYPES,
    })
    // One that breaks while nobody asks is found to be so by who asks next.
    client.on('error', () => {})
    try {
      await client.connect()
      const { rows } = await client.query<{ transaction_read_only: string }>('show transaction_read_only')
      if (rows[0]?.transaction_read_only !== 'off')
        throw new Error('it takes no changes now: it is a standby server, or read only')
      await client.query(`${LIMITS}; set client_min_messages = notice; set standard_conforming_strings = on`)
      await prepare?.(client)
      return client
    } catch (error) {
      errors.push(error)
      obstacles.push(obstacleOf(error, { host, port }, address))
      await client.end().catch(() => {})
    }
  }
  const final = obstacles.find(({ isFinal }) => isFinal)
  if (final !== undefined) throw new EntryError(`PostgreSQL cannot be used: ${final.text}`, { cause: errors })
  throw new ConnectError(obstacles.map(({ text }) => text).join('; '), { cause: errors })
}

/** What an error says; Node's own of a refused connection says nothing by itself. */
export function messageOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string }
  if (message !== undefined && AWAY_MESSAGE.test(message)) return 'the connection has ended'
  return message === undefined || message === '' ? (code ?? String(error)) : message
}

/**
 * Sessions that are made when they are needed, and kept.
 *
 * @param most how many there are at once; where it is one, its users come one after the other
 * @param onSession called with each that is made
 */
export function openSessions(
  options: SessionOptions,
  most: number,
  onSession: (client: Client) => void = () => {},
): Sessions {
  const idle: Session[] = []
  const waiting: PromiseWithResolvers<Session | null>[] = []
  let count = 0
  let isClosed = false

  async function make(): Promise<Session> {
    count += 1
    try {
      const client = await connect(options)
      const session: Session = { client, schema: null, isBroken: false }
      const breaks = () => {
        session.isBroken = true
      }
      client.on('error', breaks)
      client.on('end', breaks)
      onSession(client)
      return session
    } catch (error) {
      drop()
      throw error
    }
  }

  /** There is room for another one: whoever waits makes it. */
  function drop(): void {
    count -= 1
    waiting.shift()?.resolve(null)
  }

  return {
    async acquire() {
      for (;;) {
        if (isClosed) throw new Error('The database is closed.')
        const session = idle.pop()
        if (session === undefined && count < most) return make()
        if (session?.isBroken === false) return session
        if (session !== undefined) {
          count -= 1
          continue
        }
        const turn = Promise.withResolvers<Session | null>()
        waiting.push(turn)
        const handed = await turn.promise
        if (handed !== null) return handed
      }
    },
    release(session) {
      if (session.isBroken || isClosed) {
        void session.client.end().catch(() => {})
        drop()
        return
      }
      const next = waiting.shift()
      if (next === undefined) idle.push(session)
      else next.resolve(session)
    },
    async close() {
      isClosed = true
      for (const turn of waiting.splice(0)) turn.resolve(null)
      await Promise.all(idle.splice(0).map(({ client }) => client.end().catch(() => {})))
    },
  }
}
