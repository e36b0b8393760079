import type { DeliveryStatus, TrailDelivery } from '../../../domain/trail/delivery.ts'
import type { Trail } from '../../../domain/trail/trail.ts'
import { DeliveryError } from './trail-store.ts'

/** How far one trail is delivered, in memory and in the store. */
export interface Ledger {
  readonly delivery: TrailDelivery
  /** Remembers what is kept with the next change: until then it is found out again after a start. */
  note(changes: Partial<TrailDelivery>): void
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
  const keep: Ledger['keep'] = async (trail, changes) => {
    delivery = { ...delivery, ...changes }
    await store(trail, delivery)
  }
  return {
    get delivery() {
      return delivery
    },
    note(changes) {
      delivery = { ...delivery, ...changes }
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
