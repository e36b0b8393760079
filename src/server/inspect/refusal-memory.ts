import { createPendingRefusals, MOST_PENDING, type PendingRefusals } from '../../kernel/pending-refusals.ts'
import type { Explained } from '../../kernel/explain/explained.ts'
import type { RefusedCall } from '../../kernel/refused-call.ts'
import { turn } from '../../kernel/turns.ts'
import type { RefusalFilter, RefusalHead, RefusalStore, StoredRefusal } from '../../storage/refusals.ts'
import { explainToAll, headOf, type Explanations, type ExplainingSources } from './explain-refusal.ts'

/** How often refusals are explained and written, and how many of an account at a time: a flood gets no more. */
const EVERY_MS = 250
const AT_A_TIME = 20

const HOUR_MS = 60 * 60 * 1000

/** Refusals for those who ask why: remembered at once, explained and written soon after. */
export interface RefusalMemory {
  readonly remember: (refused: RefusedCall) => void
  /**
   * Why a request was refused, for the account of its caller or of what it asked for.
   *
   * @param account null is whoever runs the server
   * @returns null where it is not remembered, or not for this reader
   */
  readonly explanationFor: (requestId: string, account: string | null) => Promise<Explained | null>
  newest(filter: RefusalFilter): Promise<readonly RefusalHead[]>
  /** Explains what waits, and begins to do so from time to time. */
  start(sources: ExplainingSources): void
  /** Writes what is left. */
  stop(): Promise<void>
}

/** @param onError told what could not be explained or written, and is forgotten */
export function createRefusalMemory(store: RefusalStore, onError: (error: unknown) => void): RefusalMemory {
  const pending = createPendingRefusals()
  const timers: NodeJS.Timeout[] = []
  let sources: ExplainingSources | null = null

  async function explained(refused: RefusedCall): Promise<Explanations> {
    if (sources === null) throw new Error('INVARIANT: nothing is refused before the memory has started')
    return explainToAll(refused, sources)
  }

  const writer = createWriter(pending, store, explained, onError)
  const forget = () => void store.forgetOld().catch(onError)

  return {
    remember: (refused) => pending.add(refused),
    async explanationFor(requestId, account) {
      const waiting = pending.find(requestId)
      if (waiting !== null) return tell(headOf(waiting), await explained(waiting), account)
      const stored = await store.find(requestId)
      return stored === null ? null : tell(stored, stored.explanations as Explanations, account)
    },
    async newest(filter) {
      await writer.writeAll()
      return store.newest(filter)
    },
    start(given) {
      sources = given
      forget()
      timers.push(setInterval(writer.writeSome, EVERY_MS), setInterval(forget, HOUR_MS))
    },
    async stop() {
      for (const timer of timers) clearInterval(timer)
      await writer.writeAll()
    },
  }
}

/** Brings refusals from where they wait to where they stay. */
interface Writer {
  /** Writes a few of each account, unless that is under way. */
  readonly writeSome: () => void
  /** Writes what waits now, and perhaps some of what comes meanwhile. */
  readonly writeAll: () => Promise<void>
}

function createWriter(
  pending: PendingRefusals,
  store: RefusalStore,
  explained: (refused: RefusedCall) => Promise<Explanations>,
  onError: (error: unknown) => void,
): Writer {
  let last: Promise<void> = Promise.resolve()
  let ticking: Promise<void> | null = null
  let isFailing = false

  /** INVARIANT: what waits leaves its place only when it is written, or cannot be: it can be asked for all the time. */
  async function write(): Promise<void> {
    const refusals = pending.next(AT_A_TIME)
    const rows: StoredRefusal[] = []
    for (const refused of refusals) {
      try {
        rows.push({ ...headOf(refused), explanations: await explained(refused) })
      } catch (error) {
        onError(error)
      }
      await turn()
    }
    try {
      if (rows.length > 0) await store.put(rows)
      isFailing = false
    } catch (error) {
      // A full disk is told once.
      if (!isFailing) onError(error)
      isFailing = true
    }
    pending.remove(refusals)
  }

  /** One at a time, so that nothing is written twice. */
  async function exclusive(work: () => Promise<void>): Promise<void> {
    last = last.then(work)
    await last
  }

  return {
    writeSome() {
      ticking ??= exclusive(write).finally(() => {
        ticking = null
      })
    },
    writeAll: () =>
      exclusive(async () => {
        for (let written = 0; written < MOST_PENDING; written += AT_A_TIME) await write()
      }),
  }
}

function tell({ account, owner }: RefusalHead, explanations: Explanations, reader: string | null): Explained | null {
  const { operator, caller = operator, owner: toOwner = null } = explanations
  if (reader === null) return operator
  if (reader === account) return caller
  return reader === owner ? toOwner : null
}
