import type { X509Certificate } from 'node:crypto'
import type { Logger } from 'pino'
import type { RootKeyProvider } from '../../crypto/sealing/keyring.ts'
import { COMMERCIAL_REGIONS, type Region } from '../../domain/region.ts'
import { ElsewhereError } from '../../kernel/errors.ts'
import type { GlobalHost } from '../../kernel/global-host.ts'
import { createIdentities } from '../../kernel/identities/identities.ts'
import { createInvoker } from '../../kernel/invoke.ts'
import { createReadyKeys } from '../../kernel/keys/cache.ts'
import { createPeople } from '../../kernel/people.ts'
import { createDispatcher, type Dispatcher } from '../../protocol/dispatch.ts'
import { openReadingGlobal } from '../../storage/house/reading-stores.ts'
import type { ReadingHouse } from '../../storage/postgres/postgres-house.ts'
import type { RefusalStore } from '../../storage/refusals.ts'
import type { Config } from '../config/config.ts'
import { secretBox } from '../data/deployment.ts'
import type { Watchers } from '../engine.ts'
import { createRefusalMemory } from '../inspect/refusal-memory.ts'
import { rulesOf } from '../refusal-rules.ts'
import { servicesOf } from '../services.ts'
import { createDrawnThrottle, drawOften, type DrawFrom, type DrawnThrottle } from './drawn-throttle.ts'
import type { News } from './news.ts'
import { createReadingRegions, readingJournal } from './reading-regions.ts'
import type { UseBatches } from './use-batches.ts'

/** What a follower answers by itself, from stores that another process changes. */
export interface FollowerEngine extends Dispatcher {
  /** Forgets what is no longer so. */
  heard(news: News): void
  stop(): Promise<void>
}

/** What of a configuration counts for it. */
export type FollowerConfig = Pick<Config, 'regions' | 'peers' | 'enforcement' | 'throttle'>

/** What it is made with. */
export interface FollowerParts {
  readonly house: ReadingHouse
  readonly root: RootKeyProvider
  /** Those whom the operator trusts to vouch for attestation documents. */
  readonly roots: readonly X509Certificate[]
  /** The clock of the process that leads. */
  readonly now: () => number
  readonly append: (place: string, text: string) => Promise<void>
  readonly uses: UseBatches
  /** Draws from the request quotas of the process that leads. */
  readonly drawFrom: DrawFrom
  /** Hands refusals over to the process that leads, which explains them to whoever asks. */
  readonly putRefusals: RefusalStore['put']
}

/**
 * Opens what answers requests that change nothing. Whatever would change something, or asks for what only the process
 * that leads knows, throws ElsewhereError before anything is done or recorded.
 *
 * @throws NotBegunError where the stores are not those of this version
 */
export async function openFollowerEngine(
  config: FollowerConfig,
  parts: FollowerParts,
  log: Logger,
  watchers: Watchers,
): Promise<FollowerEngine> {
  await using opened = new AsyncDisposableStack()
  const { house, root, roots, now, append, uses } = parts
  opened.defer(() => house.close())
  const { store, heard: heardGlobal } = await openReadingGlobal(house.opener('global'), {
    root,
    deployment: null,
    refuse,
  })
  const served = config.regions ?? COMMERCIAL_REGIONS
  const reading = { root, deployment: store.deployment, refuse }
  const regions = createReadingRegions(served, { house, reading, append, uses, readyKeys: createReadyKeys() })
  const journal = readingJournal((text) => append('global', text))
  const global: GlobalHost = { store, journal, secrets: secretBox(store), home: null }
  const identities = createIdentities(global)
  const memory = createRefusalMemory(refusalsElsewhere(parts), (error) =>
    log.warn({ err: error }, 'a refusal is not remembered'),
  )
  const people = createPeople(store.reads, identities, rulesOf(config, memory, watchers, log), roots)
  memory.start({ regions, people })
  opened.defer(() => memory.stop())
  const throttle = config.throttle === 'aws' ? openThrottle(parts, log, opened) : null
  const invoker = createInvoker(
    regions,
    global,
    people,
    { isConnected: elsewhere, remote: null },
    throttle,
    (error, call) => log.error({ err: error, requestId: call.requestId }, 'fault'),
  )
  const dispatcher = createDispatcher({
    services: servicesOf(elsewhere),
    regions: served,
    elsewhere: () => [...config.peers.urls.keys()],
    home: () => null,
    // It decides under leases of the process that leads, which gives none where it may not decide itself.
    refuseStale: () => null,
    isDown: () => false,
    credential: async (id, token) => (await identities.credential(id, token)) ?? elsewhere(),
    now,
    async invoke(service, operation, body, call) {
      if (!operation.readOnly) throw refuse()
      try {
        return await invoker.invoke(service, operation, body, call)
      } catch (error) {
        // It counts where it is answered.
        if (error instanceof ElsewhereError) throttle?.giveBack(call)
        throw error
      }
    },
    onAnswered: watchers.counts?.answered,
    tracer: watchers.tracer,
    onRefusedSignature: (details) => log.info(details, 'signature refused'),
  })
  const running = opened.move()
  void openRegions(regions, house, served, log)
  return {
    ...dispatcher,
    heard(news) {
      if (news.place === 'global') heardGlobal()
      else if ('touched' in news) regions.heard(news)
    },
    stop: () => running.disposeAsync(),
  }
}

function openThrottle({ drawFrom }: FollowerParts, log: Logger, opened: AsyncDisposableStack): DrawnThrottle {
  const throttle = createDrawnThrottle(() => performance.now(), drawFrom)
  const drawing = drawOften(throttle, (error) => log.warn({ err: error }, 'the process that leads gives no quotas'))
  opened.defer(() => drawing.stop())
  return throttle
}

/** Opens those that are there before somebody asks for them. What fails is tried again by whoever asks. */
async function openRegions(
  regions: ReturnType<typeof createReadingRegions>,
  house: ReadingHouse,
  served: readonly Region[],
  log: Logger,
): Promise<void> {
  try {
    for (const place of await house.places()) if (served.includes(place)) await regions.open(place)
  } catch (error) {
    log.debug({ err: error }, 'a Region is not opened yet')
  }
}

function refuse(): ElsewhereError {
  return new ElsewhereError('It is changed by another process.')
}

/** Who is not known here may just have been made: where accounts are a copy, the process that leads asks their home. */
function elsewhere(): never {
  throw new ElsewhereError('Another process knows it.')
}

function refusalsElsewhere({ putRefusals }: FollowerParts): RefusalStore {
  return {
    put: putRefusals,
    find: () => Promise.resolve(null),
    newest: () => Promise.resolve([]),
    forgetOld: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}
