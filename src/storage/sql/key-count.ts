import type { Kysely } from 'kysely'
import type { RowSeal } from '../row-seal.ts'
import { commonReads, commonWrites, type CommonSchema } from './common.ts'

/** The columns that are counted. */
interface Counted extends CommonSchema {
  key: { account: string; id: string }
}

/** Where it is kept how many keys an account has. */
const nameOf = (account: string): string => `keys of ${account}`

/**
 * How many keys an account has, with those that AWS manages.
 *
 * It is kept with each change: to count them anew costs more with each key. They are counted where it is not kept, until
 * the first change.
 */
export async function keyCount<Schema extends Counted>(
  database: Kysely<Schema>,
  seal: RowSeal,
  account: string,
): Promise<number> {
  const counted = database as unknown as Kysely<Counted>
  const kept = await commonReads(counted, seal).meta(nameOf(account))
  if (kept !== null) return Number(kept)
  const all = counted.selectFrom('key').select((expression) => expression.fn.countAll<number>().as('count'))
  return (await all.where('account', '=', account).executeTakeFirstOrThrow()).count
}

/** Keeps how many keys an account has. */
export async function putKeyCount<Schema extends Counted>(
  database: Kysely<Schema>,
  seal: RowSeal,
  account: string,
  count: number,
): Promise<void> {
  await commonWrites(database as unknown as Kysely<Counted>, seal).putMeta(nameOf(account), String(count))
}
