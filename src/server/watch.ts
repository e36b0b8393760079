import type { Logger } from 'pino'
import type { Config } from './config/config.ts'
import type { DataDirectory } from './data/data-directory.ts'
import type { Engine, Watchers } from './engine.ts'
import { requireFreeAddress } from './http/address.ts'
import type { TlsFiles } from './http/http.ts'
import type { Telemetry } from './telemetry/telemetry.ts'

/** What a server is watched by, beside its log. */
export interface Watch {
  readonly watchers: Watchers
  /** Begins to serve metrics, where they are to be. Gives where; null where they are not. */
  serve(engine: Engine, data: DataDirectory, opened: AsyncDisposableStack): Promise<string | null>
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
): Promise<Watch> {
  const tracer = telemetry?.tracer ?? null
  const traced = tracer === null ? {} : { tracer }
  if (metrics === null) return { watchers: traced, serve: () => Promise.resolve(null) }
  const { createCollector, createRequestCounts, METRICS_FLAGS, readMetricsToken, serveMetrics } =
    await import('./metrics/index.ts')
  const token = await readMetricsToken(metrics.tokenFile)
  await requireFreeAddress(metrics.host, metrics.port, METRICS_FLAGS)
  const counts = createRequestCounts()
  const onError = (error: unknown, what: string) => log.error({ err: error, what }, 'metrics failed')
  const more = () => telemetry?.families() ?? []
  return {
    watchers: { counts, ...traced },
    async serve(engine, data, opened) {
      const collector = createCollector({ engine, data, counts, more, release: version, onError })
      opened.defer(() => collector.stop())
      const http = await serveMetrics(
        () => collector.text(),
        { ...metrics, tls, token },
        (error) => onError(error, 'serve'),
      )
      opened.defer(() => http.close())
      return `${http.url}/metrics`
    },
  }
}
