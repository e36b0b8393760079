import type { Region } from '../../domain/region.ts'
import { AHEAD, type Draw, type Drawn } from '../../kernel/throttle.ts'
import { NoAnswerError, type WireHandler } from '../../protocol/wire.ts'
import type { Hold } from '../../storage/postgres/hold.ts'
import type { RegionStore } from '../../storage/store.ts'
import type { Config } from '../config/config.ts'
import type { Deployment } from '../data/deployment.ts'
import type { Engine, Watchers } from '../engine.ts'
import { decidesFor } from '../peers/stale.ts'
import { requestFromJson, responseToJson } from '../peers/wire-relay.ts'
import { createLeases, type Lease, type Leases } from './leases.ts'
import { beginning, draws as drawing, records, refusals, renewal, uses } from './messages.ts'
import { nodeKeyNamed } from './node-key.ts'
import { listenForNodes } from './node-listener.ts'
import { emptyOutbox, takeRecords, type HandOver } from './outbox.ts'

/** For how long a follower answers without having heard more, in milliseconds: so long a change waits for one that is lost. */
const LEASE_MS = 3000
/** For how long a follower that asks waits for news. */
const PATIENCE_MS = 500

/** The processes that serve beside this one, which leads. */
export interface Nodes {
  /** Works while none of them answers by what it has read. */
  readonly alone: Leases['alone']
  /** How many of them answer by what they have read. */
  readonly count: Leases['count']
  /** None of them answers any more by what it has read. */
  close(): Promise<void>
}

/** What they are served with. */
interface NodesParts {
  readonly engine: Pick<Engine, 'regions' | 'global' | 'refusals' | 'throttle' | 'clock' | 'drills' | 'peers'>
  readonly deployment: Pick<Deployment, 'store' | 'id' | 'node'>
  readonly hold: Pick<Hold, 'heldFor' | 'publish'>
  /** Answers a client's request as it came. */
  readonly handler: WireHandler
  readonly config: Pick<Config, 'peers'>
  readonly counts: Watchers['nodes']
  readonly onError: (error: unknown, what: string) => void
}

/** Lets others serve beside this process: it tells them of each change before that is answered. */
export async function serveNodes(
  address: { readonly host: string; readonly port: number },
  parts: NodesParts,
): Promise<Nodes> {
  const { engine, deployment, hold, handler, onError } = parts
  const leases = createLeases({
    ms: LEASE_MS,
    patience: PATIENCE_MS,
    most: mostOf(parts),
    node: deployment.node,
    counts: parts.counts,
  })
  tellOfChanges(engine, leases)
  const listener = await listenForNodes({
    ...address,
    keyOf: (identity) => nodeKeyNamed(deployment.id, deployment.store.domainKeys, identity),
    answer: answersOf(engine, leases, handler),
    onError,
  })
  await hold.publish(listener.address)
  return {
    alone: leases.alone,
    count: leases.count,
    async close() {
      await leases.close()
      await listener.close()
    },
  }
}

/** For how long nobody else can change what followers have read, and they may decide by it. */
function mostOf({ engine, hold, config: { peers } }: NodesParts): () => number {
  return () => {
    // What a drill has done to Regions only this process knows.
    if (engine.drills.faults().length > 0) return 0
    const place = engine.peers?.place
    return Math.min(hold.heldFor(), place === undefined ? Infinity : decidesFor(place, peers.staleMs))
  }
}

function tellOfChanges({ regions, global }: NodesParts['engine'], { tell }: Leases): void {
  const watch = ({ region, store }: { readonly region: Region; readonly store: RegionStore }): void =>
    store.onCommit(({ touched }) => (touched.length === 0 ? null : tell({ place: region, touched })))
  for (const host of regions) watch(host)
  regions.onOpen(watch)
  global.store.onCommit(() => tell({ place: 'global' }))
}

function answersOf(
  engine: NodesParts['engine'],
  leases: Leases,
  handler: WireHandler,
): (path: string, body: unknown) => Promise<object> {
  const withClock = (lease: Lease) => ({ ...lease, offset: engine.clock.offset() })
  const take = receiverOf(engine)
  const answers: Readonly<Record<string, (body: unknown) => Promise<object>>> = {
    async '/begin'(body) {
      const { id, node, regions } = beginning.parse(body)
      const { served } = engine.regions
      if (regions !== undefined && new Set(regions).symmetricDifference(new Set<string>(served)).size > 0) {
        return { serves: served }
      }
      const answer = leases.begin(id, node)
      return 'refused' in answer ? answer : withClock(answer)
    },
    async '/renew'(body) {
      const { id, heard } = renewal.parse(body)
      const lease = await leases.renew(id, heard)
      return lease === null ? { over: true } : withClock(lease)
    },
    async '/relay'(body) {
      try {
        return responseToJson(await handler(requestFromJson(body)))
      } catch (error) {
        if (error instanceof NoAnswerError) return { noAnswer: true }
        throw error
      }
    },
    async '/records'(body) {
      const { place, texts, isRepeated } = records.parse(body)
      await take(place, texts, isRepeated)
      return {}
    },
    async '/uses'(body) {
      const { region, uses: some } = uses.parse(body)
      if (!isServedBy(engine.regions)(region)) throw new Error(`${region} is not served here.`)
      const { lastUses } = await engine.regions.open(region)
      for (const use of some) lastUses.note(use)
      return {}
    },
    async '/quotas'(body) {
      const { id, askedAt, draws } = drawing.parse(body)
      return { drawn: engine.throttle === null ? unbounded(draws) : engine.throttle.draw(id, askedAt, draws) }
    },
    async '/refusals'(body) {
      await engine.refusals.put(refusals.parse(body).refusals)
      return {}
    },
  }
  return (path, body) => {
    const answer = answers[path]
    if (answer === undefined) throw new Error(`There is nothing to be asked at ${path}.`)
    return answer(body)
  }
}

/** What is given where this process holds nobody to quotas: what is needed. */
function unbounded(draws: readonly Draw[]): readonly Drawn[] {
  return draws.map(({ bucket, asked, left }) => ({ bucket, given: asked * AHEAD - left, isShort: false }))
}

/** Takes the records of others into the logs of this process. */
function receiverOf({ regions, global }: Pick<Engine, 'regions' | 'global'>): HandOver {
  return async (place, texts, isRepeated) => {
    if (!isServedBy(regions)(place)) throw new Error(`${place} is not served here.`)
    const { audit } = place === 'global' ? global : await regions.open(place)
    await takeRecords(audit, texts, isRepeated)
  }
}

/** Takes the records that this process has left from when it did not lead. */
export function takeOwnOutbox(path: string, engine: Pick<Engine, 'regions' | 'global'>): Promise<void> {
  return emptyOutbox(path, isServedBy(engine.regions), receiverOf(engine))
}

function isServedBy({ served }: Engine['regions']): (place: string) => boolean {
  return (place) => place === 'global' || served.includes(place)
}
