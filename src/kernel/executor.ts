import { randomSecret } from '../crypto/random.ts'
import type { KeyUse } from '../domain/last-use.ts'
import type { Span } from '../domain/tracing/span.ts'
import type { CommonWrites } from '../storage/store.ts'
import type { GlobalHost } from './global-host.ts'
import type { AuditRecord } from './audit.ts'
import type { Note } from './journal.ts'
import type { AheadPowers, GlobalPowers, Powers, RegionalReads, WritePowers } from './operation.ts'
import { cachedReads, currentReads, rememberingElsewhere, type Elsewhere, type People } from './reads.ts'
import type { RegionHost } from './region-host.ts'

/** What any operation may use; those that change something find more in it. */
export interface Able {
  readonly random: (bytes: number) => Buffer
  readonly reads: unknown
}

/** What those may use that change something. */
export interface ChangingAble extends Able {
  readonly writes: Pick<CommonWrites, 'putReceipt'>
}

/** Where operations of one kind run: in a Region, or where things are that belong to none. */
export interface Executor {
  /** What an operation that changes nothing may use. */
  readonly powers: Able & Pick<AheadPowers, 'global'>
  /**
   * Runs a change in one transaction; it is durable, with the records it notes, when the promise resolves.
   *
   * @param span what it is traced as: other Regions hear of it with what the change says to them
   */
  change<Result>(span: Span | undefined, work: (powers: ChangingAble, note: Note) => Promise<Result>): Promise<Result>
  append(record: AuditRecord): Promise<void>
  /** The same, in which other Regions are asked once: what they have answered stays so. */
  remembering(): Executor
  /** Remembers that a key of the Region was used. */
  noteUse(use: KeyUse): void
}

/** Runs operations in a Region. */
export function regionExecutor(host: RegionHost, elsewhere: Elsewhere, global: GlobalHost, people: People): Executor {
  const { pageMarkers } = host.vault
  const powers: Powers & AheadPowers = {
    random: randomSecret,
    reads: cachedReads(host, elsewhere, people),
    pageMarkers,
    global,
  }
  return {
    powers,
    remembering: () => regionExecutor(host, rememberingElsewhere(elsewhere), global, people),
    change: (span, work) =>
      host.journal.transaction((committed, note) => {
        const writes = span === undefined ? committed : { ...committed, trace: span.traceparent }
        const reads = currentReads(host, elsewhere, people, writes)
        const able: WritePowers = { ...powers, reads, writes, vault: host.vault, note }
        return work(able, note)
      }),
    append: (record) => host.journal.append(record),
    noteUse: (use) => host.lastUses.note(use),
  }
}

/** Runs operations on what belongs to no Region. */
export function globalExecutor(global: GlobalHost, regional: RegionalReads): Executor {
  const { store, journal, secrets } = global
  const powers = { random: randomSecret, reads: store.reads, regional, global }
  const executor: Executor = {
    powers,
    remembering: () => executor,
    async change(_span, work) {
      if (global.home !== null) throw global.home.refusal()
      return journal.transaction((writes, note) => {
        const able: GlobalPowers = { ...powers, reads: writes, writes, secrets }
        return work(able, note)
      })
    },
    append: (record) => journal.append(record),
    noteUse() {},
  }
  return executor
}
