import type { Kysely } from 'kysely'
import type { RowSeal } from '../row-seal.ts'
import { commonReads, commonWrites } from './common.ts'
import type { RegionSchema } from './region-schema.ts'

/** Where it is kept how many keys an account has. */
const nameOf = (account: string): string => `keys of ${account}`

/**
 * How many keys an account has, with those that AWS manages.
 *
 * It is kept with each change: to count them anew costs more with each key. They are counted where it is not kept, until
 * the first change.
 */
export async function keyCount(database: Kysely<RegionSchema>, seal: RowSeal, account: string): Promise<number> {
  const kept = await commonReads(database, seal).meta(nameOf(account))
  if (kept !== null) return Number(kept)
  const all = database.selectFrom('key').select((expression) => expression.fn.countAll<number>().as('count'))
  return (await all.where('account', '=', account).executeTakeFirstOrThrow()).count
}

/** Keeps how many keys an account has. */
export async function putKeyCount(
  database: Kysely<RegionSchema>,
  seal: RowSeal,
  account: string,
  count: number,
): Promise<void> {
  await commonWrites(database, seal).putMeta(nameOf(account), String(count))
}
