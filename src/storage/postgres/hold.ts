import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import { NotHeldError } from '../store.ts'
import type { Fence } from './dialect.ts'
import { connect, isAway, messageOf, type SessionOptions } from './sessions.ts'

/** For how long a process holds what it serves without saying so again, in milliseconds. */
const LEASE_MS = 6000
/** How often it says so, and how often who waits looks. */
const RENEW_MS = 1000
const LOOK_MS = 500
/** A process believes in its lease for so much less than PostgreSQL does: clocks do not go alike. */
const MARGIN_MS = 500
/** Of who makes the table of the hold. */
const LOCK = 7_217_415_340

/** Why a process waits for another. */
export const SERVED = 'another process serves it'

/** Who holds what nobody is to serve any more. */
const RETIRED = 'retired'

/** SECURITY: it is the table of the term that every transaction sees. */
export const HOLD_TABLE = '"keyspan"."hold"'

/** That this process, and no other, serves what a database has. */
export interface Hold extends Fence {
  /**
   * Whether nobody else can serve it now. It is asked before each answer is given, and must cost nothing: a process that
   * was stopped and goes on finds that its time is over, whatever it was doing.
   */
  readonly isHeld: () => boolean
  /** For how long nobody else can serve it, in milliseconds; 0 where others can. */
  readonly heldFor: () => number
  /** The name of the audit logs of whoever had it before; empty where nobody had. */
  readonly formerNode: string
  /** Resolves, with the reason, when it is held no more and was not given up. */
  readonly lost: Promise<string>
  /** Tells those who wait where they reach this process. */
  publish(address: string): Promise<void>
  /** Lets others have it at once. */
  release(): Promise<void>
  /** Lets nobody have it any more: what the database has is elsewhere. */
  retire(): Promise<void>
}

/** Who holds what others wait for. */
export interface Leader {
  readonly term: number
  /** The name of its audit logs. */
  readonly node: string
  /** Where it is reached; empty where it has not said that. */
  readonly address: string
}

/** Who takes a hold. */
export interface Holder {
  readonly options: SessionOptions
  /** Of this process alone. */
  readonly id: string
  /** The name of its audit logs. */
  readonly node: string
  /**
   * Told, each time that it looks, why this process has to wait, and who serves meanwhile, as far as that is known; it is
   * awaited, and what it throws ends the waiting.
   */
  readonly onWait: (reason: string, leader: Leader | null) => unknown
}

/** The name by which sessions of a process are known to the server. */
export function sessionName(id: string): string {
  return `keyspan ${id}`
}

/**
 * Waits until nobody else serves what a database has, and takes it.
 *
 * Each holder has a term of its own, and a lease that it renews by the server's clock. Who takes over ends the sessions
 * of the one before, if it has any, and waits for its transactions: those of a former term change nothing.
 */
export async function takeHold(holder: Holder): Promise<Hold> {
  const { options, onWait } = holder
  for (;;) {
    let client: Client | null = null
    try {
      client = await connect({ ...options, name: sessionName(holder.id) })
      await makeTable(client)
      for (;;) {
        const sentAt = performance.now()
        const taken = await claim(client, holder)
        if ('formerNode' in taken) return hold(client, taken, sentAt)
        await onWait(SERVED, taken)
        await sleep(LOOK_MS)
      }
    } catch (error) {
      await client?.end().catch(() => {})
      if (!isAway(error)) throw error
      await onWait(`PostgreSQL cannot be asked: ${messageOf(error)}`, null)
      await sleep(RENEW_MS)
    }
  }
}

type Taken = Pick<Hold, 'term' | 'formerNode'>

/** What is taken; who has it where that is somebody else. */
async function claim(client: Client, { id, node }: Holder): Promise<Taken | Leader> {
  const { rows } = await client.query<Leader & { readonly holder: string; readonly over: boolean }>(
    `select term, holder, node, address, until < clock_timestamp() as over from ${HOLD_TABLE}`,
  )
  const [found] = rows
  if (found?.holder === RETIRED) {
    throw new NotHeldError('What this database has was copied into files, and is served there. Leave --database out.')
  }
  if (found === undefined)
    throw new NotHeldError(`The table ${HOLD_TABLE} has no row: it was changed by others. Drop it.`)
  if (!found.over && found.holder !== id) return { term: found.term, node: found.node, address: found.address }
  await client.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and pid <> pg_backend_pid()',
    [sessionName(found.holder)],
  )
  const { rows: taken } = await client.query<{ term: number }>(
    `update ${HOLD_TABLE} set term = term + 1, holder = $1, node = $3, address = '', until = clock_timestamp() + interval '${LEASE_MS} milliseconds'
     where holder = $2 and (until < clock_timestamp() or holder = $1) returning term`,
    [id, found.holder, node],
  )
  const [row] = taken
  return row === undefined ? { ...found, address: '' } : { term: row.term, formerNode: found.node }
}

/** One that an older version has made has no addresses. */
async function makeTable(client: Client): Promise<void> {
  const { rows } = await client.query<{ found: boolean }>(
    `select exists (select from pg_attribute where attrelid = to_regclass('${HOLD_TABLE}') and attname = 'address') as found`,
  )
  if (rows[0]?.found === true) return
  await client.query(`begin; select pg_advisory_xact_lock(${LOCK})`)
  await client.query(
    `create schema if not exists "keyspan";
     create table if not exists ${HOLD_TABLE} (term bigint primary key, holder text not null, node text not null, until timestamptz not null);
     alter table ${HOLD_TABLE} add column if not exists address text not null default '';
     insert into ${HOLD_TABLE} select 0, '', '', '-infinity', '' where not exists (select 1 from ${HOLD_TABLE});
     commit`,
  )
}

function hold(client: Client, { term, formerNode }: Taken, claimedAt: number): Hold {
  const { promise: lost, resolve } = Promise.withResolvers<string>()
  const lease = LEASE_MS - MARGIN_MS
  let heldUntil = claimedAt + lease
  let isOver = false

  function end(): void {
    isOver = true
    clearTimeout(timer)
  }
  function lose(reason: string): void {
    if (isOver) return
    end()
    resolve(reason)
  }
  async function renew(): Promise<void> {
    const sentAt = performance.now()
    const { rowCount } = await answered(
      client.query(
        `update ${HOLD_TABLE} set until = clock_timestamp() + interval '${LEASE_MS} milliseconds' where term = $1`,
        [term],
      ),
    )
    if (rowCount !== 1) return lose('another process has taken over')
    heldUntil = sentAt + lease
  }
  function later(): void {
    timer = setTimeout(() => {
      renew().then(
        () => (isOver ? undefined : later()),
        (error: unknown) => lose(`PostgreSQL does not answer: ${messageOf(error)}`),
      )
    }, RENEW_MS)
  }

  let timer: NodeJS.Timeout
  later()
  client.on('end', () => lose('the connection to PostgreSQL has ended'))
  const heldFor = () => (isOver ? 0 : Math.max(0, heldUntil - performance.now()))
  return {
    term,
    formerNode,
    table: HOLD_TABLE,
    lose,
    lost,
    isHeld: () => !isOver && performance.now() < heldUntil,
    heldFor,
    async publish(address) {
      await client.query(`update ${HOLD_TABLE} set address = $1 where term = $2`, [address, term])
    },
    async retire() {
      end()
      await client.query(`update ${HOLD_TABLE} set holder = $1, until = 'infinity' where term = $2`, [RETIRED, term])
    },
    async release() {
      const wasHeld = !isOver
      end()
      if (wasHeld)
        await answered(client.query(`update ${HOLD_TABLE} set until = '-infinity' where term = $1`, [term])).catch(
          () => {},
        )
      await client.end().catch(() => {})
    },
  }
}

/** What does not come while a lease lasts comes too late. */
async function answered<Result>(answer: Promise<Result>): Promise<Result> {
  const ending = new AbortController()
  const late = sleep(LEASE_MS, undefined, { signal: ending.signal }).then(() => {
    throw new Error('no answer')
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    ending.abort()
    late.catch(() => {})
  }
}
