import { describe, expect, it } from 'vitest'
import { ENGINES } from '../../../test/engines.ts'
import { keyRecord } from '../../../test/key-record.ts'
import { beginFamily } from '../../replication/commands.ts'
import { migrateIn } from './migrate.ts'
import { REGION_MIGRATIONS, type RegionSchema } from './region-schema.ts'

describe.each(ENGINES)('An upgrade on $name', ({ newStore }) => {
  it('finds the rotations that an older version has forgotten', async () => {
    await using place = await newStore('us-east-1')
    const database = await place.plain<RegionSchema>()
    const migrate = (migrations: typeof REGION_MIGRATIONS) =>
      database.transaction().execute((transaction) => migrateIn(transaction, migrations, place.schema))
    const names = Object.keys(REGION_MIGRATIONS)
    const first7 = names.slice(0, names.indexOf('0007-kept-messages'))
    const before = first7.map((name) => [name, REGION_MIGRATIONS[name]] as const)
    await migrate(Object.fromEntries(before) as typeof REGION_MIGRATIONS)
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
      await database
        .insertInto('key')
        .values({ ...row, deletion_at: null, rotation_at: null, expiry_at: null, mac: null as never })
        .execute()
    }
    await migrate(REGION_MIGRATIONS)
    const found = await database.selectFrom('key').select('id').where('unsettled', '=', 1).execute()
    expect(found).toEqual([{ id: 'stuck' }])
    await database.destroy()
  })
})
