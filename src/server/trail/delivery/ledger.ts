import type { DeliveryStatus, TrailDelivery } from '../../../domain/trail/delivery.ts'
import type { Trail } from '../../../domain/trail/trail.ts'
import type { LogPlace } from '../../../storage/audit/files.ts'
import { DeliveryError } from './trail-store.ts'

/** How much of a log is read again after a start, in bytes. */
const FAR_BYTES = 64 * 1024 * 1024

/** How far one trail is delivered, in memory and in the store. */
export interface Ledger {
  readonly delivery: TrailDelivery
  /** Remembers that there is nothing before a place. It is kept once it saves much reading after a start. */
  pass(trail: Trail, log: string, place: LogPlace): Promise<void>
  keep(trail: Trail, changes: Partial<TrailDelivery>): Promise<void>
  /**
   * Carries a plan out, and keeps what is then; where that fails the trail's status says so.
   *
   * @throws DeliveryError
   */
  attempt(
    trail: Trail,
    put: () => Promise<Partial<TrailDelivery>>,
    failed: (code: string) => Partial<DeliveryStatus>,
  ): Promise<void>
}

/** The ledger of a trail, as it was kept last. */
export function createLedger(
  known: TrailDelivery,
  store: (trail: Trail, delivery: TrailDelivery) => Promise<void>,
): Ledger {
  let delivery = known
  let kept = known
  const keep: Ledger['keep'] = async (trail, changes) => {
    delivery = { ...delivery, ...changes }
    await store(trail, delivery)
    kept = delivery
  }
  return {
    get delivery() {
      return delivery
    },
    async pass(trail, log, place) {
      const places = { ...delivery.places, [log]: place }
      const last = kept.places[log]
      const isFar = last === undefined || last.file !== place.file || place.offset - last.offset > FAR_BYTES
      if (isFar) await keep(trail, { places })
      else delivery = { ...delivery, places }
    },
    keep,
    async attempt(trail, put, failed) {
      try {
        await keep(trail, { ...(await put()), plan: null })
      } catch (error) {
        if (error instanceof DeliveryError) {
          await keep(trail, { status: { ...delivery.status, ...failed(error.code) } })
        }
        throw error
      }
    },
  }
}
