import type { Logger } from 'pino'
import type { Config } from './config/config.ts'
import type { DataDirectory } from './data/data-directory.ts'
import { keptIn, type Kept } from './data/kept.ts'
import type { TlsFiles } from './http/http.ts'
import { lookAtRoot } from './trust/open-root.ts'
import { isChosen, waitUnsealed, type Unsealed } from './trust/sealed.ts'
import { openWaiting } from './waiting.ts'
import type { ServerAbout } from './watch.ts'

/** What is opened before anything is served. */
interface Entered {
  readonly unsealed: Unsealed
  readonly kept: Kept
  /** Whether nobody else can serve the data now. */
  readonly isHeld: () => boolean
  /** Resolves, with the reason, when others can; null where they never can. */
  readonly lost: Promise<string> | null
}

/** Opens the root key, and waits for the stores where others can have them. */
export async function enter(
  config: Config,
  data: DataDirectory,
  tls: TlsFiles | null,
  log: Logger,
  about: ServerAbout,
  opened: AsyncDisposableStack,
): Promise<Entered> {
  if (config.database === null) {
    const kept = keptIn(data)
    const unsealed = await unseal(config, data, tls, log, about)
    opened.defer(() => unsealed.close())
    return { unsealed, kept, isHeld: () => true, lost: null }
  }
  const { enterPostgres } = await import('./data/postgres-kept.ts')
  const waiting = await openWaiting(config, tls, log, about)
  opened.defer(() => waiting.close())
  let isByOperator = false
  const openRoot = (isNew: boolean) =>
    waiting.aside(async () => {
      const unsealed = await unseal(config, data, tls, log, about, isNew)
      await unsealed.close()
      isByOperator = unsealed.isByOperator
      return unsealed.root
    })
  const { kept, root } = await enterPostgres(config.database, data, { onWait: waiting.onWait, openRoot })
  opened.defer(() => kept.close())
  return {
    unsealed: { root, port: config.port, isByOperator, close: () => waiting.close() },
    kept,
    isHeld: kept.hold.isHeld,
    lost: kept.hold.lost,
  }
}

/** Opens the root key; a server that is sealed waits for it, and says so to whoever asks. */
async function unseal(
  { root: config, host, port }: Config,
  data: DataDirectory,
  tls: TlsFiles | null,
  log: Logger,
  { sealed = () => {} }: ServerAbout,
  isNew?: boolean,
): Promise<Unsealed> {
  const opening = await lookAtRoot(data, config, isNew)
  if (!opening.isSealed) return { root: await opening.open(null), port, isByOperator: false, close: async () => {} }
  const onError = (error: unknown) => log.error({ err: error }, 'request failed')
  return waitUnsealed(opening, { data, host, port, tls, onError, onSealed: (url) => sealed(url, isChosen(opening)) })
}
