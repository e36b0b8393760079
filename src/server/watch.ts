import type { Logger } from 'pino'
import type { Config } from './config/config.ts'
import type { DataDirectory } from './data/data-directory.ts'
import type { Engine, Watchers } from './engine.ts'
import { requireFreeAddress } from './http/address.ts'
import type { HttpServer, TlsFiles } from './http/http.ts'
import type { FollowerReport } from './metrics/node-metrics.ts'
import type { Telemetry } from './telemetry/telemetry.ts'

/** What a server is watched by, beside its log. */
export interface Watch {
  readonly watchers: Watchers
  /** Shows how this process is while it does not lead, where metrics are to be served. */
  serveWaiting(report: () => FollowerReport | null, data: DataDirectory): Promise<void>
  /**
   * Begins to serve metrics, where they are to be. Gives where; null where they are not.
   *
   * @param followers how many answer beside this process; null where there can be none
   */
  serve(
    engine: Engine,
    data: DataDirectory,
    followers: (() => number) | null,
    opened: AsyncDisposableStack,
  ): Promise<string | null>
}

/** What a server is told besides its settings. */
export interface ServerAbout {
  /** The version of Keyspan. */
  readonly version?: string
  /** Absent where nothing is exported. */
  readonly telemetry?: Telemetry
  /** Told the address of a server that waits for its passphrase. @param isNew whether it has none yet */
  readonly sealed?: (url: string, isNew: boolean) => void
  /** Told, each time that the reason changes, why a server waits for its database. */
  readonly waits?: (url: string, reason: string) => void
  /** Told each time that this server begins to answer beside the process that leads, with what ends it in order. */
  readonly follows?: (url: string, leader: string, server: { stop(): Promise<void> }) => void
}

/**
 * Makes ready what watches. Nothing of it is loaded where it is not asked for.
 *
 * @throws ConfigError
 */
export async function openWatch(
  { metrics }: Pick<Config, 'metrics'>,
  tls: TlsFiles | null,
  { version = 'unknown', telemetry }: ServerAbout,
  log: Logger,
  opened: AsyncDisposableStack,
): Promise<Watch> {
  const tracer = telemetry?.tracer ?? null
  const traced = tracer === null ? {} : { tracer }
  if (metrics === null) return { watchers: traced, serveWaiting: async () => {}, serve: () => Promise.resolve(null) }
  const {
    collectFollower,
    createCollector,
    createNodeCounts,
    createRequestCounts,
    leaderMetrics,
    METRICS_FLAGS,
    readMetricsToken,
    serveMetrics,
  } = await import('./metrics/index.ts')
  const token = await readMetricsToken(metrics.tokenFile)
  await requireFreeAddress(metrics.host, metrics.port, METRICS_FLAGS)
  const address = { ...metrics, tls, token }
  const counts = createRequestCounts()
  const nodes = createNodeCounts()
  const onError = (error: unknown, what: string) => log.error({ err: error, what }, 'metrics failed')
  const counted = () => [...counts.families(), ...more()]
  const more = () => [...nodes.families(), ...(telemetry?.families() ?? [])]
  let source: { text(): Promise<string>; stop(): unknown } | null = null
  let http: HttpServer | null = null
  async function show(next: NonNullable<typeof source>): Promise<string> {
    await source?.stop()
    source = next
    http ??= await serveMetrics(
      async () => (await source?.text()) ?? '',
      address,
      (error) => onError(error, 'serve'),
    )
    return `${http.url}/metrics`
  }
  opened.defer(() => http?.close())
  return {
    watchers: { counts, nodes, ...traced },
    async serveWaiting(report, data) {
      await show(collectFollower({ data, report, more: counted, release: version }))
    },
    async serve(engine, data, followers, stack) {
      const all = () => [...more(), ...(followers === null ? [] : leaderMetrics(followers()))]
      const collector = createCollector({ engine, data, counts, more: all, release: version, onError })
      stack.defer(() => collector.stop())
      return show(collector)
    },
  }
}
