/**
 * `npm run bench:locks [SECONDS] [ROUNDS]`: changes of different keys a second in one store on PostgreSQL: one after the
 * other as they are, with those that wait sharing a transaction; and what a lock for each key could give at best, which
 * is the same statements in transactions of their own over 1, 2, 4 and 8 sessions at once. 3 seconds and 3 rounds unless
 * told otherwise.
 *
 * The best is a bound: no time of this program is in it, and it leaves out what all changes of a Region have in common,
 * the digest of its rows (decision 0033). A second figure has the row of the digest too. It needs PostgreSQL, which brings to disk what it commits.
 */
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { openRegionStore } from '../src/storage/open-region-store.ts'
import { takeHold } from '../src/storage/postgres/hold.ts'
import { postgresHouse } from '../src/storage/postgres/postgres-house.ts'
import { parsePostgresUrl } from '../src/storage/postgres/postgres-url.ts'
import { keyRecord } from '../test/key-record.ts'
import { startPostgres } from '../test/postgres/postgres.ts'
import { opening } from '../test/root-key.ts'

const REGION = 'us-east-1'
const KEYS = 2000
const WRITERS = 64
const SESSIONS = [1, 2, 4, 8]
const [seconds = 3, rounds = 3] = process.argv.slice(2).map(Number)

/** A statement as a session was given it. */
interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
}

/** What sessions are given while something listens. */
let heard: Statement[] | null = null
const session = pg.Client.prototype as { query(...args: unknown[]): unknown }
const query: unknown = Reflect.get(session, 'query')
session.query = function listening(this: unknown, ...args: unknown[]) {
  const [first, second] = args as [string | { text: string; values?: unknown[] }, unknown[] | undefined]
  heard?.push(typeof first === 'string' ? { text: first, values: second ?? [] } : { values: [], ...first })
  return Reflect.apply(query as (...given: unknown[]) => unknown, this, args)
}

const postgres = await startPostgres({ isDurable: true })
const url = await postgres.newDatabase()
const id = randomUUID()
const options = { address: parsePostgresUrl(url), password: null, name: `keyspan ${id}` }
const hold = await takeHold({ options, id, node: 'bench', onWait: () => {} })
const house = postgresHouse(options, hold)
const store = await openRegionStore(house.opener(REGION), REGION, opening)
const ids = Array.from({ length: KEYS }, () => randomUUID())
for (const each of ids) await store.transaction((writes) => writes.putKey(keyRecord({ id: each }), true))

const change = (keyId: string, number: number) =>
  store.transaction(async (writes) => {
    const key = await writes.key('111122223333', keyId)
    await writes.putKey({ ...(key ?? keyRecord({ id: keyId })), description: String(number) }, false)
  })

/** The statements of a change: those of its key alone, and with those that all changes of a Region have. */
async function statementsOf(keyId: string): Promise<Record<'own' | 'all', readonly Statement[]>> {
  heard = []
  await change(keyId, 0)
  const all = heard.filter(({ text }) => !/^(begin|commit|set )/.test(text))
  heard = null
  return { all, own: all.filter(({ text, values }) => JSON.stringify([text, values]).includes(keyId)) }
}

/** How many changes a second some writers make together. */
async function rate(writers: number, make: (writer: number, number: number) => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  let made = 0
  const one = async (writer: number) => {
    while (performance.now() - begun < seconds * 1000) {
      made += 1
      await make(writer, made)
    }
  }
  await Promise.all(Array.from({ length: writers }, (_, writer) => one(writer)))
  return made / ((performance.now() - begun) / 1000)
}

/** Those that are replayed have not the seals of their rows any more. */
const HALF = KEYS / 2
const keyFor = (writer: number, number: number, writers: number) => ids[(number * writers + writer) % HALF] as string
const replayedFor = (writer: number, number: number, writers: number) =>
  ids[HALF + ((number * writers + writer) % HALF)] as string

const [first = ''] = ids
const { own, all } = await statementsOf(first)
const clients = await Promise.all(
  SESSIONS.slice(-1).flatMap((most) =>
    Array.from({ length: most }, async () => {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      await client.query(`set search_path to "keyspan_${REGION}"`)
      return client
    }),
  ),
)
async function replay(client: pg.Client, statements: readonly Statement[], keyId: string): Promise<void> {
  await client.query('begin')
  for (const { text, values } of statements) {
    await client.query(
      text,
      values.map((value) => (typeof value === 'string' ? value.replaceAll(first, keyId) : value)),
    )
  }
  await client.query('commit')
}

const results = new Map<string, number[]>()
const note = (name: string, value: number) => results.set(name, [...(results.get(name) ?? []), value])
for (let round = 0; round < rounds; round += 1) {
  note('one at a time', await rate(1, (writer, number) => change(keyFor(writer, number, 1), number)))
  note(`${WRITERS} that wait`, await rate(WRITERS, (writer, number) => change(keyFor(writer, number, WRITERS), number)))
  for (const count of SESSIONS) {
    for (const [what, statements] of Object.entries({ 'a lock for each key': own, 'and the digest': all })) {
      const make = (writer: number, number: number) =>
        replay(clients[writer] as pg.Client, statements, replayedFor(writer, number, count))
      note(`${what}, ${count} sessions`, await rate(count, make))
    }
  }
}
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const now = median(results.get(`${WRITERS} that wait`) ?? [])
for (const [name, values] of results) {
  console.log(`${name}: ${Math.round(median(values))} a second, ${(median(values) / now).toFixed(2)} of now`)
}
for (const client of clients) await client.end()
await store.close()
await house.close()
await hold.release()
await postgres.stop()
process.exit()
