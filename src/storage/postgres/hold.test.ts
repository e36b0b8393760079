import { beforeEach, describe, expect, it } from 'vitest'
import { keyRecord } from '../../../test/key-record.ts'
import { POSTGRES_BIN, sharedPostgres } from '../../../test/postgres/postgres.ts'
import { opening } from '../../../test/root-key.ts'
import { openRegionStore } from '../open-region-store.ts'
import { UncertainChangeError } from '../store.ts'
import { NotHeldError } from '../store.ts'
import { sessionName, takeHold, type Hold } from './hold.ts'
import { postgresHouse } from './postgres-house.ts'
import { parsePostgresUrl } from './postgres-url.ts'

const REGION = 'us-east-1'
const ACCOUNT = '111122223333'

/** A process that holds what a database has, with the store of a Region. */
async function enter(url: string, id: string, onWait: (reason: string) => void = () => {}) {
  const options = { address: parsePostgresUrl(url), password: null, name: sessionName(id) }
  const hold = await takeHold({ options, id, node: id, onWait })
  const house = postgresHouse(options, hold)
  const store = await openRegionStore(house.opener(REGION), REGION, { ...opening, node: id })
  const put = (key: string) => store.transaction((writes) => writes.putKey(keyRecord({ id: key }), false))
  const leave = async () => {
    await store.close()
    await house.close()
    await hold.release()
  }
  return { hold, store, put, leave }
}

describe.skipIf(POSTGRES_BIN === null)('The hold of a database', () => {
  let url: string
  const query = async (text: string) => (await sharedPostgres()).query(url, text)
  beforeEach(async () => {
    url = await (await sharedPostgres()).newDatabase()
  })

  it('is one process’s, until it gives it up', async () => {
    const one = await enter(url, 'one')
    const waits: string[] = []
    const second = enter(url, 'two', (reason) => waits.push(reason))
    await expect.poll(() => waits).toContain('another process serves it')
    await one.put('a')
    await one.leave()
    const two = await second
    expect(two.hold).toMatchObject({ term: one.hold.term + 1, formerNode: 'one' })
    expect(await two.store.reads.key(ACCOUNT, 'a')).not.toBeNull()
    await two.leave()
  })

  it('is lost with its lease: whoever had it changes nothing more, though its sessions are made anew', async () => {
    const one = await enter(url, 'one')
    await one.put('a')
    await query("update keyspan.hold set until = '-infinity'")
    const two = await enter(url, 'two')
    await expect.poll(() => one.hold.isHeld()).toBe(false)
    await expect.poll(() => one.put('b').catch((error: unknown) => error)).toBeInstanceOf(NotHeldError)
    expect(await two.store.reads.key(ACCOUNT, 'b')).toBeNull()
    await two.put('c')
    expect(two.hold.isHeld()).toBe(true)
    await one.leave()
    await two.leave()
  })

  it('is lost with the session that renews it', async () => {
    const one = await enter(url, 'one')
    await query(
      `select pg_terminate_backend(pid) from pg_stat_activity where query like '%keyspan"."hold%' and pid <> pg_backend_pid()`,
    )
    expect(await lossOf(one.hold)).toContain('PostgreSQL')
    await one.leave()
  })

  it('is lost where nobody knows whether a change was committed', async () => {
    const one = await enter(url, 'one')
    await query(`
      create function public.cut() returns trigger language plpgsql as
        'begin perform pg_terminate_backend(pg_backend_pid()); return null; end';
      create constraint trigger cut after insert on "keyspan_us-east-1".key deferrable initially deferred
        for each row execute function public.cut()`)
    await expect(one.put('a')).rejects.toThrow(UncertainChangeError)
    expect(await lossOf(one.hold)).toContain('may or may not')
    await one.leave()
  })

  it('believes in a trigger of nobody else’s', async () => {
    const one = await enter(url, 'one')
    await one.leave()
    await query(`
      create function public.alter_it() returns trigger language plpgsql as 'begin return new; end';
      create trigger alter_it before insert on "keyspan_us-east-1".key for each row execute function public.alter_it()`)
    await expect(enter(url, 'two')).rejects.toThrow('has a trigger "alter_it" that this server has not made')
  })
})

async function lossOf({ lost, isHeld }: Hold): Promise<string> {
  const reason = await lost
  expect(isHeld()).toBe(false)
  return reason
}
