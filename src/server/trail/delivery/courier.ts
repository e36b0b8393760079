import type { DigestPlan, FilesPlan, PlannedFile, TrailDelivery } from '../../../domain/trail/delivery.ts'
import type { Trail } from '../../../domain/trail/trail.ts'
import type { DigestSigner } from './digest-key.ts'
import { createLedger } from './ledger.ts'
import { digestName, fileName, uniqueText } from './object-names.ts'
import { putDigest } from './put-digest.ts'
import { putFiles } from './put-files.ts'
import type { Batch } from './read-batch.ts'
import { selectEvents, type Places, type SelectedEvents } from './select-events.ts'
import type { TrailStore } from './trail-store.ts'

/** Digests are named by the second in which they end. */
const SECOND_MS = 1000

/** What couriers share. */
export interface CourierTools {
  readonly store: TrailStore
  readonly places: Places
  readonly now: () => number
  /** Keeps how far a trail is delivered. */
  readonly keep: (trail: Trail, delivery: TrailDelivery) => Promise<void>
  readonly readAgain: (plan: FilesPlan) => Promise<Batch>
  readonly signer: () => Promise<DigestSigner>
  readonly random: (bytes: number) => Buffer
}

/**
 * Delivers one trail. What is to be delivered is planned, and the plan kept, before anything is put: a kill between
 * leads to the same objects again, and to no others.
 */
export interface Courier {
  readonly delivery: TrailDelivery
  /** Finishes what was planned before. @throws DeliveryError */
  finish(trail: Trail, signal: AbortSignal): Promise<void>
  /** Delivers what of a part of a log is the trail's. @throws DeliveryError */
  deliver(trail: Trail, log: string, batch: Batch, signal: AbortSignal): Promise<void>
  /** Delivers the digests that are due. @throws DeliveryError */
  digest(trail: Trail, everyMs: number, signal: AbortSignal): Promise<void>
}

/** The courier of a trail that is delivered so far. */
export function createCourier(known: TrailDelivery, tools: CourierTools): Courier {
  const { store, now } = tools
  const ledger = createLedger(known, tools.keep)

  function execute(trail: Trail, plan: FilesPlan, files: ReadonlyMap<string, SelectedEvents>, signal: AbortSignal) {
    const put = async () => ({
      chains: await putFiles(store, plan, files, ledger.delivery.chains, signal),
      status: { ...ledger.delivery.status, attemptedAt: now(), deliveredAt: now(), error: null },
      places: { ...ledger.delivery.places, [plan.log]: plan.to },
    })
    return ledger.attempt(trail, put, (error) => ({ attemptedAt: now(), error }))
  }

  function sign(trail: Trail, plan: DigestPlan, signal: AbortSignal) {
    const put = async () => ({
      chains: await putDigest(store, trail.account, plan, ledger.delivery.chains, await tools.signer(), signal),
      status: { ...ledger.delivery.status, digestedAt: now(), error: null, digestError: null },
    })
    // Files wait for a digest that cannot be put.
    return ledger.attempt(trail, put, (error) => ({ attemptedAt: now(), error, digestError: error }))
  }

  return {
    get delivery() {
      return ledger.delivery
    },
    async finish(trail, signal) {
      const { plan } = ledger.delivery
      if (plan === null) return
      if (plan.kind === 'digest') return sign(trail, plan, signal)
      const { lines } = await tools.readAgain(plan)
      await execute(trail, plan, await selectEvents(lines, plan.log, trail, tools.places), signal)
    },
    async deliver(trail, log, { from, to, lines }, signal) {
      const files = await selectEvents(lines, log, trail, tools.places)
      if (files.size === 0) return ledger.pass(trail, log, to)
      const planned = [...files.values()].map((each) => planFile(trail.account, each, tools))
      const plan: FilesPlan = { kind: 'files', log, from, to, files: planned }
      await ledger.keep(trail, { plan })
      await execute(trail, plan, files, signal)
    },
    async digest(trail, everyMs, signal) {
      const endsAt = Math.floor(now() / SECOND_MS) * SECOND_MS
      const isLast = !trail.stretches.some(({ settings }) => settings.isValidated)
      for (const [region, { since }] of Object.entries(ledger.delivery.chains)) {
        if (endsAt - since < (isLast ? SECOND_MS : everyMs)) continue
        const object = digestName(trail, region, endsAt)
        const plan: DigestPlan = { kind: 'digest', region, endsAt, bucket: trail.settings.bucket, object, isLast }
        await ledger.keep(trail, { plan })
        await sign(trail, plan, signal)
      }
    },
  }
}

function planFile(
  account: string,
  { region, settings: { bucket, prefix, isValidated }, since }: SelectedEvents,
  { now, random }: CourierTools,
): PlannedFile {
  const object = fileName({ account, region, prefix, at: now() }, uniqueText(random))
  return { region, bucket, prefix, object, validatedSince: isValidated ? since : null }
}
