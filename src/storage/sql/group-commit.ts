import { setImmediate } from 'node:timers/promises'
import { sql, type Transaction } from 'kysely'
import type { StoreDatabase } from '../house/store-database.ts'
import { dialectOf, type DialectName } from './dialect.ts'

/** So many changes share a transaction at most. */
const CHANGES = 64
/**
 * And those that begin within so many milliseconds. A change in PostgreSQL is some round trips, during which others have
 * their turn; one in SQLite keeps all others waiting.
 */
const TOGETHER_MS: Readonly<Record<DialectName, number>> = { sqlite: 5, postgresql: 50 }

/** What is done around changes that are committed together. */
export interface Around<Schema> {
  /** Before the first of them. */
  begin(): void
  /** Before each of them. Gives what is to be done where it fails, and nothing of it is kept. */
  eachBegins(): () => void
  /** In the transaction, once all have been made. */
  end(database: Transaction<Schema>): Promise<void>
  /** Once it is committed. @param isSynced whether it is on disk, and all before it */
  committed(isSynced: boolean): void
}

/** A change that waits for its turn. */
interface Change<Schema> {
  make(database: Transaction<Schema>): Promise<void>
  readonly isSynced: boolean
  readonly done: PromiseWithResolvers<void>
}

/**
 * Makes changes one after the other. Those that wait together are one transaction, and share its sync: the slower the
 * disk, the more of them do. Each is made whole or not at all, and is done when all of them are committed.
 *
 * Between transactions others have their turn: whoever only reads waits no longer than one of them takes.
 */
export function createGroupCommit<Schema>(
  { writer, unsynced }: Pick<StoreDatabase<Schema>, 'writer' | 'unsynced'>,
  around: Around<Schema>,
) {
  let waiting: Change<Schema>[] = []
  let isRunning = false
  const together = TOGETHER_MS[dialectOf(writer).name]

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      await commitSome()
      if (waiting.length > 0) await setImmediate()
    }
    isRunning = false
  }

  async function commitSome(): Promise<void> {
    const taken = waiting.slice(0, CHANGES)
    const made: Change<Schema>[] = []
    const isSynced = taken.some((change) => change.isSynced)
    let begun = 0
    try {
      await (isSynced ? writer : unsynced).transaction().execute(async (database) => {
        around.begin()
        const end = performance.now() + together
        for (const change of taken) {
          begun += 1
          if (await isMade(around, database, change, taken.length === 1)) made.push(change)
          if (performance.now() > end) break
        }
        if (made.length > 0) await around.end(database)
      })
      // Where none was made, nothing was written, nor synced.
      if (made.length > 0) around.committed(isSynced)
      for (const { done } of made) done.resolve()
    } catch (error) {
      // Where it could not even begin, the first of them says so, and the others try again.
      for (const { done } of taken.slice(0, Math.max(1, begun))) done.reject(error)
    }
    waiting = waiting.slice(Math.max(1, begun))
  }

  /**
   * Makes a change. What it throws is thrown here, and nothing of it is kept then.
   *
   * @param isSynced whether it has to be on disk when it is done
   */
  return async <Result>(work: (database: Transaction<Schema>) => Promise<Result>, isSynced = true): Promise<Result> => {
    const results: Result[] = []
    const change: Change<Schema> = {
      isSynced,
      make: async (database) => void results.push(await work(database)),
      done: Promise.withResolvers(),
    }
    waiting.push(change)
    if (!isRunning) {
      isRunning = true
      void run()
    }
    await change.done.promise
    return results[0] as Result
  }
}

/** Says whether a change was made. One that fails beside others is undone alone. */
async function isMade<Schema>(
  around: Around<Schema>,
  database: Transaction<Schema>,
  change: Change<Schema>,
  isAlone: boolean,
): Promise<boolean> {
  const undo = around.eachBegins()
  if (isAlone) {
    await change.make(database)
    return true
  }
  await sql`savepoint change`.execute(database)
  try {
    await change.make(database)
  } catch (error) {
    try {
      await sql`rollback to savepoint change`.execute(database)
      await sql`release savepoint change`.execute(database)
    } catch {
      // The database has given up the whole transaction, as SQLite does on a disk that is full.
      throw error
    }
    undo()
    change.done.reject(error)
    return false
  }
  await sql`release savepoint change`.execute(database)
  return true
}
