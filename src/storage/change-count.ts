import type { CommonReads, CommonWrites } from './store.ts'

/** Where a store keeps how often it has changed. */
const CHANGES = 'changes'

/** How often a store has changed: less than others have seen of it, and it was put back from a backup. */
export interface ChangeCount {
  /** What is committed. */
  readonly current: () => number
  /** Runs a change, and counts it in its own transaction. */
  count<Writes extends Pick<CommonWrites, 'putMeta'>, Result>(
    transaction: (work: (writes: Writes) => Promise<Result>) => Promise<Result>,
    work: (writes: Writes) => Promise<Result>,
  ): Promise<Result>
}

/** The count of a store. Its transactions follow each other. */
export async function openChangeCount(reads: Pick<CommonReads, 'meta'>): Promise<ChangeCount> {
  let changes = Number((await reads.meta(CHANGES)) ?? '0')
  return {
    current: () => changes,
    async count(transaction, work) {
      let next = changes
      const result = await transaction(async (writes) => {
        next = changes + 1
        const done = await work(writes)
        await writes.putMeta(CHANGES, String(next))
        return done
      })
      changes = next
      return result
    },
  }
}
