import type { Kysely } from 'kysely'
import type { RowSeal } from '../row-seal.ts'
import { commonReads, commonWrites, type CommonSchema } from './common.ts'

/**
 * A number of rows that is kept with each change of them: to count them anew costs more with each row. They are counted
 * where it is not kept, until the first change.
 */
export interface KeptCount {
  get(): Promise<number>
  put(count: number): Promise<void>
  /** What is counted is gone for good. */
  forget(): Promise<void>
}

/** @param of what is counted */
export function keptCount(
  database: Kysely<CommonSchema>,
  seal: RowSeal,
  of: string,
  countAnew: () => Promise<number>,
): KeptCount {
  return {
    async get() {
      const kept = await commonReads(database, seal).meta(of)
      return kept === null ? countAnew() : Number(kept)
    },
    put: (count) => commonWrites(database, seal).putMeta(of, String(count)),
    async forget() {
      await database.deleteFrom('meta').where('name', '=', of).execute()
    },
  }
}
