import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import { KeyringError } from '../../crypto/sealing/keyring.ts'
import { ElsewhereError } from '../../kernel/errors.ts'
import type { WireResponse } from '../../protocol/wire.ts'
import { NotBegunError } from '../../storage/house/reading-stores.ts'
import type { FollowerEngine } from './follower-engine.ts'
import { createLease } from './lease.ts'
import { renewed, type GivenLease } from './messages.ts'
import type { News } from './news.ts'
import type { NodeClient } from './node-client.ts'

/** How long an answer to what keeps a lease may take, in milliseconds. */
export const LEASE_ANSWER_MS = 3000
/** How soon another root key is looked for, where this is none that opens. */
const KEY_AGAIN_MS = 2000
/** How soon is asked again. */
const ASK_AGAIN_MS = 50

/** What is answered by what was read under one lease. */
export interface Reading {
  readonly isGood: () => boolean
  /** Whether it has what answers. */
  readonly hasBegun: () => boolean
  readonly leaseAge: () => number
  /** What an engine answers; null where that is not for this process, or may not be so any more. */
  answerBy(ask: (engine: FollowerEngine) => Promise<WireResponse | null>): Promise<WireResponse | null>
  /** Resolves when the lease is lost. */
  readonly lost: Promise<void>
}

interface ReadingParts {
  /** Of this process alone. */
  readonly id: string
  readonly leases: NodeClient
  /** When the lease was asked for, by the monotonic clock. */
  readonly askedAt: number
  readonly first: GivenLease
  /** Opens what answers, by the clock of the process that leads. */
  readonly open: (now: () => number) => Promise<FollowerEngine>
  readonly onState: (reason: string | null) => void
  readonly onError: (error: unknown, what: string) => void
  readonly stopped: AbortSignal
}

/**
 * Reads beside the process that leads, and keeps the lease.
 *
 * INVARIANT: what is read under a lease is read after it has begun, and forgotten with it.
 */
export function readBeside(parts: ReadingParts): Reading {
  const { onState, onError, stopped } = parts
  const lease = createLease()
  lease.extend(parts.askedAt, parts.first)
  /** How far the clock of the process that leads was moved, in milliseconds. */
  let { offset } = parts.first
  let engine: FollowerEngine | null = null
  /** What is heard while it is opened, which may have read before; null once that has ended, however it has. */
  let early: News[] | null = []
  let hasFailed = false

  async function open(): Promise<void> {
    try {
      const opened = await parts.open(() => Date.now() + offset)
      for (const news of early ?? []) opened.heard(news)
      engine = opened
      if (lease.isGood()) onState(null)
    } catch (error) {
      // It is as good as ever for passing requests on.
      if (error instanceof NotBegunError) return onState(`this one passes everything on to it: ${error.message}`)
      if (error instanceof KeyringError) {
        onState(`this one passes everything on to it, without its root key: ${error.message}`)
        await sleep(KEY_AGAIN_MS, undefined, { signal: stopped }).catch(() => {})
        hasFailed = true
        return
      }
      hasFailed = true
      onError(error, 'read beside the process that leads')
    } finally {
      early = null
    }
  }
  async function keep(): Promise<void> {
    let heard = parts.first.upTo
    for (;;) {
      const askedAt = performance.now()
      const answer = await renew(parts, heard, () => lease.isGood() && !stopped.aborted)
      if ('over' in answer || hasFailed) return
      heard = answer.upTo
      ;({ offset } = answer)
      for (const news of answer.news) {
        if (news.place === 'all') lease.end()
        else if (engine === null) early?.push(news)
        else engine.heard(news)
      }
      lease.extend(askedAt, answer)
    }
  }
  const opening = open()
  const close = (): void => {
    lease.end()
    void opening.then(() => engine?.stop()).catch((error: unknown) => onError(error, 'end reading'))
  }
  stopped.addEventListener('abort', () => lease.end(), { once: true })
  return {
    isGood: lease.isGood,
    hasBegun: () => engine !== null,
    leaseAge: lease.age,
    lost: keep().finally(close),
    // SECURITY: a process that was stopped, and goes on, finds that its lease is over, whatever it was doing.
    async answerBy(ask) {
      if (engine === null || !lease.isGood()) return null
      try {
        const answer = await ask(engine)
        // What has failed here is asked again of whoever leads.
        return lease.isGood() && (answer?.status ?? 0) < 500 ? answer : null
      } catch (error) {
        if (error instanceof ElsewhereError || !lease.isGood()) return null
        throw error
      }
    },
  }
}

/** Asks again as long as that may help. */
async function renew(
  { id, leases }: ReadingParts,
  heard: number,
  mayHelp: () => boolean,
): Promise<z.infer<typeof renewed>> {
  for (;;) {
    try {
      return renewed.parse(await leases.ask('/renew', { id, heard }, LEASE_ANSWER_MS))
    } catch (error) {
      if (!mayHelp()) throw error
      await sleep(ASK_AGAIN_MS)
    }
  }
}
