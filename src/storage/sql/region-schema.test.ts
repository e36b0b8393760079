import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { keyRecord } from '../../../test/key-record.ts'
import { beginFamily } from '../../replication/commands.ts'
import { openSqlite } from '../sqlite.ts'
import { migrate } from './migrate.ts'
import { REGION_MIGRATIONS, type RegionSchema } from './region-schema.ts'

it('an upgrade finds the rotations that an older version has forgotten', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
  const file = openSqlite<RegionSchema>(join(directory, 'region.sqlite'))
  const names = Object.keys(REGION_MIGRATIONS)
  const first7 = names.slice(0, names.indexOf('0007-kept-messages'))
  const before = first7.map((name) => [name, REGION_MIGRATIONS[name]] as const)
  await migrate(file.writer, Object.fromEntries(before) as typeof REGION_MIGRATIONS)
  const first = { id: 'first', generation: 1, rotation: null, requested: null }
  const staged = { id: 'staged', generation: 2, rotation: null, requested: { at: 1, type: 'ON_DEMAND' as const } }
  const used = { ...staged, rotation: { at: 2, type: 'ON_DEMAND' as const } }
  const keys = {
    stuck: keyRecord({ id: 'stuck', family: beginFamily('us-east-1'), materials: [first, staged], current: 'first' }),
    done: keyRecord({ id: 'done', family: beginFamily('us-east-1'), materials: [first, used], current: 'staged' }),
    replica: keyRecord({
      id: 'replica',
      family: { ...beginFamily('us-east-1'), authority: null },
      materials: [first, staged],
      current: 'first',
    }),
  }
  for (const [id, key] of Object.entries(keys)) {
    const row = { account: key.account, id, record: JSON.stringify(key), unsettled: 0 }
    await file.writer
      .insertInto('key')
      .values({ ...row, deletion_at: null, rotation_at: null, expiry_at: null, mac: null as never })
      .execute()
  }
  await migrate(file.writer, REGION_MIGRATIONS)
  const found = await file.reader.selectFrom('key').select('id').where('unsettled', '=', 1).execute()
  expect(found).toEqual([{ id: 'stuck' }])
  await file.close()
  rmSync(directory, { recursive: true })
})

it('what was said of one key is found by an index, however much was said of others', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
  const file = openSqlite<RegionSchema>(join(directory, 'region.sqlite'))
  await migrate(file.writer, REGION_MIGRATIONS)
  const ofKey = file.reader.selectFrom('outbox').selectAll().where('account', '=', 'a').where('key_id', '=', 'k')
  const behind = ofKey.where('destination', '=', 'd').where('seq', '>', 0).orderBy('seq', 'desc').limit(1)
  const plan = JSON.stringify(await behind.explain(undefined, sql`query plan`))
  expect(plan).toContain('USING INDEX outbox_key (account=? AND key_id=? AND destination=? AND seq>?)')
  expect(plan).not.toContain('TEMP B-TREE')
  await file.close()
  rmSync(directory, { recursive: true })
})
