import type { Kysely } from 'kysely'
import type { RowSeal } from '../row-seal.ts'
import { keptCount, type KeptCount } from './kept-count.ts'
import type { RegionSchema } from './region-schema.ts'

/** How many keys an account has, with those that AWS manages. */
export function keyCount(database: Kysely<RegionSchema>, seal: RowSeal, account: string): KeptCount {
  return keptCount(database, seal, `keys of ${account}`, async () => {
    const all = database.selectFrom('key').select((expression) => expression.fn.countAll<number>().as('count'))
    return (await all.where('account', '=', account).executeTakeFirstOrThrow()).count
  })
}
