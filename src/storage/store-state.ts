import { randomBytes } from 'node:crypto'
import { sql, type Kysely, type Transaction } from 'kysely'
import type { StateCommitment } from '../crypto/transparency/checkpoint.ts'
import type { StoreKeys } from './domain-keys.ts'
import { commonWrites, type CommonSchema } from './sql/common.ts'
import { createGroupCommit } from './sql/group-commit.ts'
import type { Keeping } from './sqlite.ts'
import type { StoreDatabase } from './house/store-database.ts'
import { changeSum, createStateDigest, STATE, type State, type StateDigest } from './state-digest.ts'
import { dialectOf, type RowPlace } from './sql/dialect.ts'
import type { CommonReads } from './store.ts'

/** How many rows are held in memory at once. */
const ROWS = 1000

/** What a store is: how often it has changed, and the digest of its rows. Both are kept with each transaction. */
export interface StoreState<Schema> {
  /** How many changes are on disk: less than others have seen of it, and it was put back from a backup. */
  readonly changes: () => number
  /** What is on disk. */
  readonly commitment: () => StateCommitment
  /**
   * Makes a change whole or not at all, perhaps in one transaction with others, and keeps with it what the store is then.
   *
   * @param work is given the number of the change
   * @param isChange whether it counts as a change
   * @param isSynced whether it has to be on disk when it is done; it has, unless told otherwise
   */
  write<Result>(
    work: (database: Transaction<Schema>, change: number) => Promise<Result>,
    isChange: boolean,
    isSynced?: boolean,
  ): Promise<Result>
}

/**
 * Reads what a store is. One that has no digest yet gets it, once.
 *
 * @param tables those whose rows carry a MAC
 */
export async function openStoreState<Schema>(
  file: StoreDatabase<Schema>,
  reads: Pick<CommonReads, 'meta'>,
  { domainKeys, seal }: StoreKeys,
  tables: readonly string[],
  place: string,
  keeping: Keeping,
): Promise<StoreState<Schema>> {
  const digest = createStateDigest(tables, domainKeys, place)
  const kept = digest.parse((await reads.meta(STATE)) ?? '0')
  let state: State =
    kept.sum === null
      ? { changes: kept.changes, writes: kept.changes, begun: randomBytes(8).toString('hex'), sum: 0n }
      : kept
  const isWatched = keeping === 'durable'
  if (isWatched && kept.sum === null) {
    await file.writer.transaction().execute(async (database) => {
      state = { ...state, sum: await sumOf(database, digest) }
      await commonWrites(database as unknown as Kysely<CommonSchema>, seal).putMeta(STATE, digest.textOf(state))
    })
  }
  // INVARIANT: what others see of a store is on disk: a fall of the machine takes nothing from it.
  let synced = state
  let { sum } = state
  if (isWatched) {
    await file.watchRows(digest.tables, (table, before, after) => {
      sum = changeSum(sum, digest.term(table, before), digest.term(table, after))
    })
  }
  /** What the store is once the transaction under way is committed. */
  let next = state
  const commit = createGroupCommit(file, {
    begin() {
      next = state
      ;({ sum } = state)
    },
    eachBegins() {
      const before = { next, sum }
      return () => ({ next, sum } = before)
    },
    async end(database) {
      next = { ...next, sum }
      await commonWrites(database as unknown as Kysely<CommonSchema>, seal).putMeta(STATE, digest.textOf(next))
    },
    committed(isSynced) {
      state = next
      if (isSynced) synced = next
    },
  })
  return {
    changes: () => synced.changes,
    commitment: () => digest.commit(synced),
    write: (work, isChange, isSynced) =>
      commit(async (database) => {
        const changes = next.changes + Number(isChange)
        const result = await work(database, changes)
        next = { ...next, changes, writes: next.writes + 1 }
        return result
      }, isSynced),
  }
}

/** The sum of all rows, from the rows. */
async function sumOf<Schema>(database: Kysely<Schema>, digest: StateDigest): Promise<bigint> {
  const dialect = dialectOf(database)
  const ofRow = sql.ref(`new.${dialect.place}`)
  let sum = 0n
  for (const [table, expression] of digest.tables) {
    for (let last = dialect.start; ;) {
      const { rows } = await sql<{ place: RowPlace; name: unknown }>`
        select ${ofRow} as place, ${sql.raw(expression('new', dialect.name))} as name from ${sql.table(table)} as new
        where ${ofRow} > ${dialect.at(last)} order by ${ofRow} limit ${ROWS}`.execute(database)
      for (const { place, name } of rows) {
        last = place
        sum = changeSum(sum, 0n, digest.term(table, name))
      }
      if (rows.length < ROWS) break
    }
  }
  return sum
}
