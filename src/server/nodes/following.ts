import type { X509Certificate } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { KeyringError, type RootKeyProvider } from '../../crypto/sealing/keyring.ts'
import { COMMERCIAL_REGIONS, PARTITION } from '../../domain/region.ts'
import { openDomainKeysOf } from '../../storage/check-store.ts'
import { HOLD_TABLE, type Leader } from '../../storage/postgres/hold.ts'
import { readingHouse } from '../../storage/postgres/postgres-house.ts'
import type { SessionOptions } from '../../storage/postgres/sessions.ts'
import { DEPLOYMENT } from '../../storage/sql/common.ts'
import type { StoreHouse } from '../../storage/house/store-house.ts'
import type { Config } from '../config/config.ts'
import type { DataDirectory } from '../data/data-directory.ts'
import type { Watchers } from '../engine.ts'
import type { FollowerReport } from '../metrics/node-metrics.ts'
import { openFollowerEngine } from './follower-engine.ts'
import { openLink, type Link, type LinkParts } from './link.ts'
import { NodeError } from './node-client.ts'
import { nodeKeyOf } from './node-key.ts'
import { openOutbox } from './outbox.ts'
import { createUseBatches } from './use-batches.ts'

/** How long handing over may take at the end, in milliseconds. */
const FINISH_MS = 3000

/** How a follower is that knows of nobody who leads. */
const NOBODY = { isHealthy: false, answersItself: false, leaseAge: null }

/** A process that serves beside the one that leads. */
export interface Following {
  /**
   * Told who leads, again and again.
   *
   * @throws ConfigError where that can never be followed with the settings of this process
   */
  look(leader: Leader): void
  /** The one that is followed now; null where that has not said where it is. */
  readonly link: () => Omit<Link, 'stop'> | null
  readonly report: () => FollowerReport
  /** Hands over what there is to hand over, in a few seconds. */
  finish(): Promise<void>
  /** Answers nothing any more; what was recorded and not handed over stays. */
  stop(): Promise<void>
}

/** What it is made with. */
export interface FollowingParts {
  readonly config: Config
  readonly data: DataDirectory
  /** Of this process alone. */
  readonly id: string
  readonly node: string
  readonly options: SessionOptions
  readonly root: RootKeyProvider
  readonly roots: readonly X509Certificate[]
  /** Told when this process begins to answer by itself, or why it does not. */
  readonly onState: (leader: Leader, reason: string | null) => void
  readonly watchers: Watchers
  readonly log: Logger
}

/** @param looking the stores as they rest, to find what tells processes of one deployment from others */
export async function openFollowing(parts: FollowingParts, looking: StoreHouse): Promise<Following> {
  const { config, data, log, options, root, roots, watchers, id, node } = parts
  const onError = (error: unknown, what: string) =>
    log.warn(error instanceof NodeError ? { what, reason: error.message } : { err: error, what }, 'will retry')
  const outbox = await openOutbox(data.outbox, config.audit, Date.now, onError)
  const uses = createUseBatches()
  let known: ReturnType<typeof nodeKeyOf> | null = null
  const keyOf = async () => {
    try {
      known = await keyIn(looking, root)
    } catch (error) {
      // A root key that has changed changes nothing of it: who has not that one yet passes requests on.
      if (known === null || !(error instanceof KeyringError)) throw error
    }
    return known
  }
  const open: LinkParts['open'] = ({ term }, given) => {
    const house = readingHouse(options, { table: HOLD_TABLE, term })
    return openFollowerEngine(config, { ...given, house, root, roots, append: outbox.append, uses }, log, watchers)
  }
  let link: Link | null = null
  let ending = Promise.resolve()
  const leave = (): Promise<void> => {
    const former = link
    link = null
    ending = ending.then(() => former?.stop()).catch((error: unknown) => onError(error, 'leave who led'))
    return ending
  }
  return {
    link: () => link,
    report: () => ({ ...(link?.report() ?? NOBODY), recordsDelay: outbox.delay() }),
    look(leader) {
      const fault = link?.fault() ?? null
      if (fault !== null) throw fault
      if (link?.leader.term === leader.term && link.leader.address === leader.address) return
      void leave()
      if (leader.address === '') return
      const onState = (reason: string | null) => parts.onState(leader, reason)
      const [regions, counts] = [config.regions ?? COMMERCIAL_REGIONS, watchers.nodes]
      link = openLink(leader, { id, node, regions, keyOf, outbox, uses, open, onState, onError, counts })
    },
    async finish() {
      await Promise.race([Promise.all([outbox.flush(), uses.flush()]), sleep(FINISH_MS, null, { ref: false })])
    },
    async stop() {
      uses.stop()
      await leave()
      await outbox.close()
    },
  }
}

/** What processes of the deployment show each other. */
async function keyIn(stores: StoreHouse, root: RootKeyProvider): Promise<ReturnType<typeof nodeKeyOf>> {
  await using global = await stores.snapshot('global')
  const deployment = String((await global.find('meta', { name: DEPLOYMENT }))?.['value'] ?? '')
  const place = { deployment, partition: PARTITION, region: 'global' }
  return nodeKeyOf(deployment, await openDomainKeysOf(global, root, place))
}
