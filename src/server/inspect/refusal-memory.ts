import { createPendingRefusals, MOST_PENDING, type PendingRefusals } from '../../kernel/pending-refusals.ts'
import type { Explained } from '../../kernel/explain/explained.ts'
import type { RefusedCall } from '../../kernel/refused-call.ts'
import { turn } from '../../kernel/turns.ts'
import type { RefusalFilter, RefusalHead, RefusalStore, StoredRefusal } from '../../storage/refusals.ts'
import type { Explanations, ExplainingSources } from './explain-refusal.ts'
import { headOf } from './refusal-head.ts'

/** How often refusals are explained and written, and how many of an account at a time: a flood gets no more. */
const EVERY_MS = 250
const AT_A_TIME = 20

/**
 * SECURITY: who writes long policies chooses what explaining them costs. So much time an account's refusals get at a
 * time, and then they rest so many times as long as it took.
 */
const BUDGET_MS = 25
const REST = 9

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
  /** Those that an account may know of, as far as they are written, each with what the account may know of it. */
  newestFor(account: string, filter: Omit<RefusalFilter, 'reader'>): Promise<readonly RefusalHead[]>
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
    const { explainToAll } = await import('./explain-refusal.ts')
    return explainToAll(refused, sources)
  }

  /** SECURITY: what a request of an account meant is told as far as its explanation to that account tells it. */
  async function headFor(head: RefusalHead, reader: string): Promise<RefusalHead> {
    if (head.owner === null || head.owner === reader) return head
    const stored = await store.find(head.id)
    const told = stored === null ? null : tell(stored, stored.explanations as Explanations, reader)
    return { ...head, resource: told?.permissions[0]?.resource ?? null, owner: null }
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
    async newestFor(account, filter) {
      const heads = await store.newest({ ...filter, reader: account })
      return Promise.all(heads.map((head) => headFor(head, account)))
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
  const restingUntil = new Map<string, number>()

  /**
   * INVARIANT: what waits leaves its place only when it is written, or cannot be: it can be asked for all the time.
   *
   * @param budget in milliseconds; what it allows is exceeded by one explanation at most
   */
  async function write(account: string, budget: number): Promise<void> {
    const done: RefusedCall[] = []
    const rows: StoredRefusal[] = []
    let spent = 0
    const waiting = pending.next(account, AT_A_TIME)
    // What is loaded once is not for the first account to pay.
    if (waiting.length > 0) await import('./explain-refusal.ts')
    for (const refused of waiting) {
      if (spent > budget) break
      const start = performance.now()
      try {
        rows.push({ ...headOf(refused), explanations: await explained(refused) })
      } catch (error) {
        onError(error)
      }
      spent += performance.now() - start
      done.push(refused)
      await turn()
    }
    restingUntil.set(account, performance.now() + spent * REST)
    try {
      if (rows.length > 0) await store.put(rows)
      isFailing = false
    } catch (error) {
      // A full disk is told once.
      if (!isFailing) onError(error)
      isFailing = true
    }
    pending.remove(done)
  }

  /** One at a time, so that nothing is written twice. */
  async function exclusive(work: () => Promise<void>): Promise<void> {
    last = last.then(work)
    await last
  }

  async function writeRested(): Promise<void> {
    for (const [account, until] of restingUntil) if (until <= performance.now()) restingUntil.delete(account)
    for (const account of pending.accounts()) {
      if (!restingUntil.has(account)) await exclusive(() => write(account, BUDGET_MS))
    }
  }

  return {
    writeSome() {
      ticking ??= writeRested().finally(() => {
        ticking = null
      })
    },
    writeAll: () =>
      exclusive(async () => {
        for (const account of pending.accounts()) {
          for (let written = 0; written < MOST_PENDING; written += AT_A_TIME) await write(account, Infinity)
        }
      }),
  }
}

function tell({ account, owner }: RefusalHead, explanations: Explanations, reader: string | null): Explained | null {
  const { operator, caller = operator, owner: toOwner = null } = explanations
  if (reader === null) return operator
  if (reader === account) return caller
  return reader === owner ? toOwner : null
}
