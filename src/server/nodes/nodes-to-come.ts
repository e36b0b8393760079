import type { Logger } from 'pino'
import type { WireHandler } from '../../protocol/wire.ts'
import type { Hold } from '../../storage/postgres/hold.ts'
import type { Config } from '../config/config.ts'
import type { DataDirectory } from '../data/data-directory.ts'
import type { Deployment } from '../data/deployment.ts'
import type { Engine, Watchers } from '../engine.ts'
import type { PlainPowers } from '../http/plain-requests.ts'
import type { Nodes } from './serve-nodes.ts'

/** What a server needs to know of processes beside it before there can be any. */
interface NodesToCome {
  readonly role: PlainPowers['role']
  /** Works while none of them answers by what it has read. */
  readonly alone: Nodes['alone']
  /** How many of them answer by what they have read; null where there can be none. */
  readonly count: Nodes['count'] | null
  /** Lets them come, once this process answers. */
  open(handler: WireHandler, log: Logger, opened: AsyncDisposableStack): Promise<void>
}

/** Where there can be no others, nothing of this is loaded. */
export function nodesToCome(
  config: Config,
  {
    data,
    deployment,
    engine,
    hold,
    watchers,
  }: {
    readonly data: DataDirectory
    readonly deployment: Deployment
    readonly engine: Engine
    readonly hold: Hold | null
    readonly watchers: Watchers
  },
): NodesToCome {
  const address = config.database?.node ?? null
  let nodes: Nodes | null = null
  return {
    role: address === null ? null : 'leader',
    alone: (work) => (nodes === null ? work() : nodes.alone(work)),
    count: hold === null ? null : () => nodes?.count() ?? 0,
    async open(handler, log, opened) {
      if (hold === null) return
      const { serveNodes, takeOwnOutbox } = await import('./serve-nodes.ts')
      await takeOwnOutbox(data.outbox, engine)
      if (address === null) return
      const onError = (error: unknown, what: string) => log.warn({ err: error, what }, 'nodes')
      const served = await serveNodes(address, {
        engine,
        deployment,
        hold,
        handler,
        config,
        counts: watchers.nodes,
        onError,
      })
      nodes = served
      opened.defer(() => served.close())
    },
  }
}
