import { randomSecret } from '../../../crypto/random.ts'
import { DAY_MS } from '../../../domain/limits.ts'
import { homeRegion } from '../../../domain/region.ts'
import { NOTHING_DELIVERED } from '../../../domain/trail/delivery.ts'
import type { Trail } from '../../../domain/trail/trail.ts'
import { dayAt, type LogPlace } from '../../../storage/audit/files.ts'
import { GLOBAL } from '../../../storage/event-index/log-index.ts'
import { isBefore } from '../../../storage/audit/follow.ts'
import type { DataDirectory } from '../../data/data-directory.ts'
import type { OpenGlobal } from '../../regions/open-global.ts'
import { openLogs } from '../../regions/open-logs.ts'
import type { Regions } from '../../regions/regions.ts'
import { createCourier, type Courier, type CourierTools } from './courier.ts'
import { openDigestSigner, type DigestSigner } from './digest-key.ts'
import { createPatience } from './patience.ts'
import { readBatch } from './read-batch.ts'
import { createTrailBook, type BookedTrail } from './trail-book.ts'
import type { TrailStore } from './trail-store.ts'

/** What trails are delivered from, and where to. */
export interface DeliverySources {
  readonly regions: Regions
  readonly global: OpenGlobal
  readonly data: DataDirectory
  readonly store: TrailStore
  readonly now: () => number
  readonly onError: (error: unknown, what: string) => void
}

/** Rounds in which every trail is delivered as far as its logs go. */
export interface Rounds {
  /** @param signal gives up between two objects, and while one is put */
  go(signal: AbortSignal): Promise<void>
  /** When a trail whose delivery has failed is to be tried again, in milliseconds from now. */
  restMs(): number
}

/** A trail in a round. */
interface Rider extends BookedTrail {
  readonly courier: Courier
  /** The logs that it reads. */
  readonly logs: readonly string[]
}

export function createRounds(sources: DeliverySources, digestsMs: number): Rounds {
  const { global, regions, data, now } = sources
  const book = createTrailBook(global.store)
  const patience = createPatience(sources.onError)
  const tools = toolsOf(sources)
  /** By the ids of trails. */
  const couriers = new Map<string, Courier>()

  async function courierOf({ trail }: BookedTrail): Promise<Courier> {
    const courier = couriers.get(trail.id) ?? createCourier((await book.deliveryOf(trail)) ?? NOTHING_DELIVERED, tools)
    couriers.set(trail.id, courier)
    return courier
  }

  async function mount(): Promise<readonly Rider[]> {
    const trails = await book.trails()
    const known = new Set(trails.map(({ trail }) => trail.id))
    for (const id of couriers.keys()) if (!known.has(id)) couriers.delete(id)
    const riders: Rider[] = []
    for (const each of trails) {
      riders.push({ ...each, courier: await courierOf(each), logs: logsOf(each.trail, regions) })
    }
    return riders
  }

  const placeOf = ({ trail, courier }: Rider, log: string): LogPlace => {
    const first = { file: `${dayAt((trail.stretches[0]?.from ?? now()) - DAY_MS)}.jsonl`, offset: 0 }
    const known = courier.delivery.places[log] ?? first
    return isBefore(known, first) ? first : known
  }

  const isWaiting = (rider: Rider, log: string, end: LogPlace): boolean =>
    rider.trail.stretches.length > 0 && rider.logs.includes(log) && isBefore(placeOf(rider, log), end)

  /** Reads each part of a log once, for all who have come as far. */
  async function deliverLog(log: string, end: LogPlace, riders: Set<Rider>, signal: AbortSignal): Promise<void> {
    for (;;) {
      const waiting = [...riders].filter((rider) => isWaiting(rider, log, end))
      const [first, ...others] = waiting.map((rider) => placeOf(rider, log))
      if (first === undefined || signal.aborted) return
      const from = others.reduce((least, place) => (isBefore(place, least) ? place : least), first)
      const batch = await readBatch(data.audit(log), from, end)
      for (const rider of waiting) {
        if (isBefore(from, placeOf(rider, log))) continue
        await patience.attempt(rider, riders, () => rider.courier.deliver(rider.trail, log, batch, signal))
      }
    }
  }

  return {
    restMs: () => patience.restMs(),
    async go(signal) {
      const begun = now()
      const ends = new Map(openLogs(regions, global).map(([name, audit]) => [name, audit.place()]))
      const all = await mount()
      const riders = new Set(all.filter(({ trail }) => !patience.isResting(trail.id)))
      for (const rider of riders) {
        await patience.attempt(rider, riders, () => rider.courier.finish(rider.trail, signal))
      }
      for (const [log, end] of ends) await deliverLog(log, end, riders, signal)
      for (const rider of riders) {
        await patience.attempt(rider, riders, () => rider.courier.digest(rider.trail, digestsMs, signal))
      }
      patience.succeed(riders)
      const isDone = (rider: Rider) => riders.has(rider) && !signal.aborted
      for (const rider of all) await book.close(rider, rider.courier.delivery, begun, isDone(rider))
    },
  }
}

function toolsOf({ regions, global, data, store, now }: DeliverySources): CourierTools {
  let signer: DigestSigner | null = null
  const { served } = regions
  return {
    store,
    places: { regions: served, home: homeRegion(served) },
    now,
    keep: ({ account, id }, delivery) =>
      global.store.transaction((writes) => writes.putDocument({ kind: 'trail-delivery', account, name: id }, delivery)),
    readAgain: ({ log, from, to }) => readBatch(data.audit(log), from, to),
    signer: async () => (signer ??= await openDigestSigner(global.store, now())),
    random: randomSecret,
  }
}

/** Where what a trail delivers can be recorded. */
function logsOf({ homeRegion: home, stretches }: Trail, regions: Regions): readonly string[] {
  const isMultiRegion = stretches.some(({ settings }) => settings.isMultiRegion)
  const open = [...regions].map(({ region }) => region)
  return [GLOBAL, ...open.filter((region) => isMultiRegion || region === home)]
}
