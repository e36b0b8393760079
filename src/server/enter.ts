import type { X509Certificate } from 'node:crypto'
import type { Logger } from 'pino'
import { KeyringError, type RootKeyProvider } from '../crypto/sealing/keyring.ts'
import type { Hold, Leader } from '../storage/postgres/hold.ts'
import type { Config } from './config/config.ts'
import type { DataDirectory } from './data/data-directory.ts'
import { keptIn, type Kept } from './data/kept.ts'
import type { Looking } from './data/postgres-kept.ts'
import { holdAddress, NODE_FLAGS } from './http/address.ts'
import type { TlsFiles } from './http/http.ts'
import { lookAtRoot } from './trust/open-root.ts'
import { renewedRoot } from './trust/renewed-root.ts'
import { isChosen, waitUnsealed, type Unsealed } from './trust/sealed.ts'
import type { ServerAbout, Watch } from './watch.ts'

/** What is opened before anything is served. */
interface Entered {
  readonly unsealed: Unsealed
  readonly kept: Kept
  /** What others that serve the same database wait for; null where there can be none. */
  readonly hold: Hold | null
  /** Whether nobody else can serve the data now. */
  readonly isHeld: () => boolean
  /** Resolves, with the reason, when others can; null where they never can. */
  readonly lost: Promise<string> | null
}

/** What answers meanwhile, where another process has the stores. */
interface EntryParts {
  readonly watch: Watch
  readonly tls: TlsFiles | null
  /** Those whom the operator trusts to vouch for attestation documents. */
  readonly roots: readonly X509Certificate[]
}

/** Opens the root key, and waits for the stores where others can have them. */
export async function enter(
  config: Config,
  data: DataDirectory,
  { tls, roots, watch }: EntryParts,
  log: Logger,
  about: ServerAbout,
  opened: AsyncDisposableStack,
): Promise<Entered> {
  if (config.database === null) {
    const kept = keptIn(data)
    const unsealed = await unseal(config, data, tls, log, about)
    opened.defer(() => unsealed.close())
    return { unsealed, kept, hold: null, isHeld: () => true, lost: null }
  }
  const { enterPostgres } = await import('./data/postgres-kept.ts')
  const { openWaiting } = await import('./waiting.ts')
  // Who cannot listen there could not lead: that is said at the start, and not when nobody else serves any more.
  const address = config.database.node === null ? null : await holdAddress(config.database.node, NODE_FLAGS)
  opened.defer(() => address?.release())
  const waiting = await openWaiting(config, data, tls, log, about)
  opened.defer(() => waiting.close())
  await watch.serveWaiting(waiting.report, data)
  let isByOperator = false
  // Only what waits for an operator needs the address for itself.
  const aside = (work: () => Promise<Unsealed>) =>
    waiting.aside(async () => {
      const unsealed = await work()
      await unsealed.close()
      return unsealed
    })
  const openRoot = async (isNew: boolean) => {
    const unsealed = await unseal(config, data, tls, log, about, { isNew, aside })
    isByOperator = unsealed.isByOperator
    return renewedRoot(unsealed.root, () => openAgain(config, data))
  }
  const follow = async ({ stores, ...looking }: Looking) => {
    const { openFollowing } = await import('./nodes/following.ts')
    const onState = ({ address }: Leader, reason: string | null) => waiting.onState(address, reason)
    const parts = { ...looking, config, data, roots, onState, watchers: watch.watchers, log }
    const following = await openFollowing(parts, stores)
    waiting.follow(following)
    return following
  }
  const { kept, root } = await enterPostgres(config.database, data, {
    onWait: waiting.onWait,
    follow: config.database.node === null ? null : follow,
    openRoot,
  })
  opened.defer(() => kept.close())
  await address?.release()
  return {
    unsealed: { root, port: config.port, isByOperator, close: () => waiting.close() },
    kept,
    hold: kept.hold,
    isHeld: kept.hold.isHeld,
    lost: kept.hold.lost,
  }
}

/** Opens what holds the root key now, which another process may have changed. */
async function openAgain({ root }: Config, data: DataDirectory): Promise<RootKeyProvider> {
  const opening = await lookAtRoot(data, root, false)
  if (!opening.isSealed) return opening.open(null)
  throw new KeyringError('The root key has changed, and waits for its passphrase or PIN. Start this process again.')
}

/** What is known of the root key, and how others make room while it is waited for. */
interface Unsealing {
  readonly isNew?: boolean
  readonly aside?: (work: () => Promise<Unsealed>) => Promise<Unsealed>
}

/** Opens the root key; a server that is sealed waits for it, and says so to whoever asks. */
async function unseal(
  { root: config, host, port }: Config,
  data: DataDirectory,
  tls: TlsFiles | null,
  log: Logger,
  { sealed = () => {} }: ServerAbout,
  { isNew, aside = (work) => work() }: Unsealing = {},
): Promise<Unsealed> {
  const opening = await lookAtRoot(data, config, isNew)
  if (!opening.isSealed) return { root: await opening.open(null), port, isByOperator: false, close: async () => {} }
  const onError = (error: unknown) => log.error({ err: error }, 'request failed')
  return aside(() =>
    waitUnsealed(opening, { data, host, port, tls, onError, onSealed: (url) => sealed(url, isChosen(opening)) }),
  )
}
