import { DAY_MS } from '../../../domain/limits.ts'
import type { TrailDelivery } from '../../../domain/trail/delivery.ts'
import { trailFile, type Stretch, type Trail } from '../../../domain/trail/trail.ts'
import type { GlobalStore } from '../../../storage/global-store.ts'

/** More trails than there are. */
const ALL = 100_000
/** What is recorded as late as this after its event is still delivered where a trail was changed since, in milliseconds. */
const LATE_MS = 60 * 60 * 1000

/** A trail, or what is left of one that was deleted. */
export interface BookedTrail {
  readonly trail: Trail
  readonly isEnded: boolean
}

/** The trails of all accounts, as who delivers them keeps them. */
export interface TrailBook {
  trails(): Promise<readonly BookedTrail[]>
  /** How far a trail is delivered; null where nothing is. */
  deliveryOf(trail: Trail): Promise<TrailDelivery | null>
  /**
   * Forgets what a trail need not deliver any more. One that was deleted is forgotten with its last word, or a day later
   * where it cannot be delivered.
   *
   * @param begun all that was recorded before this time is delivered, where `isDone`
   */
  close(booked: BookedTrail, delivery: TrailDelivery, begun: number, isDone: boolean): Promise<void>
}

export function createTrailBook(store: Pick<GlobalStore, 'reads' | 'transaction'>): TrailBook {
  const { reads } = store
  const all = async (kind: 'trail' | 'ended-trail') =>
    (await reads.documents(kind, null, { after: null, limit: ALL })).map(({ content: trail }) => ({
      trail,
      isEnded: kind === 'ended-trail',
    }))

  async function shorten({ trail: { account, ...trail }, isEnded }: BookedTrail, isOver: (each: Stretch) => boolean) {
    const key = isEnded
      ? ({ kind: 'ended-trail', account, name: trail.id } as const)
      : ({ kind: 'trail', account, name: trailFile(trail) } as const)
    await store.transaction(async (writes) => {
      const now = await writes.document(key)
      if (now === null || now.id !== trail.id) return
      await writes.putDocument(key, { ...now, stretches: now.stretches.filter((each) => !isOver(each)) })
    })
  }

  return {
    trails: async () => [...(await all('trail')), ...(await all('ended-trail'))],
    deliveryOf: ({ account, id }) => reads.document({ kind: 'trail-delivery', account, name: id }),
    async close(booked, { plan, chains }, begun, isDone) {
      const { trail, isEnded } = booked
      const isOver = ({ to }: Stretch) => to !== null && to < begun - LATE_MS
      if (isDone && trail.stretches.some(isOver)) return shorten(booked, isOver)
      if (!isEnded) return
      const isDelivered = isDone && trail.stretches.length === 0 && plan === null && Object.keys(chains).length === 0
      if (!isDelivered && begun < (trail.stoppedAt ?? 0) + DAY_MS) return
      await store.transaction(async (writes) => {
        const { account, id: name } = trail
        await writes.deleteDocument({ kind: 'ended-trail', account, name })
        await writes.deleteDocument({ kind: 'trail-delivery', account, name })
      })
    },
  }
}
