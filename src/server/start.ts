import pLimit, { type LimitFunction } from 'p-limit'
import type { Logger } from 'pino'
import { enter } from './enter.ts'
import { openEngine, type Engine } from './engine.ts'
import { lookFirst } from './look-first.ts'
import { nodesToCome } from './nodes/nodes-to-come.ts'
import { reachable } from './http/address.ts'
import { isLoopback } from './http/loopback.ts'
import { serveEngine } from './http/serve-engine.ts'
import { homeRegion, type Region } from '../domain/region.ts'
import { recordDeploymentEvent } from '../kernel/audit.ts'
import { FIRST_ACCOUNT, openAccounts, type RootAccessKey } from './data/accounts.ts'
import { takeBackup } from './data/backup.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config/config.ts'
import { serveControl, type ControlPowers } from './control.ts'
import { dataDirectory, DataDirectoryError, lockDataDirectory, type DataDirectory } from './data/data-directory.ts'
import type { OpenGlobal } from './regions/open-global.ts'
import { renewIdentities } from './regions/renew-identities.ts'
import { putBackNotices } from './disaster/put-back-notices.ts'
import { consoleSignIn, makeConsoleLink } from './console-sign-in.ts'
import { createConsoleLinks } from './http/console-links.ts'
import { holdsKeys } from './data/kept.ts'
import { openDeployment, type Deployment } from './data/deployment.ts'
import { verifyKeyring } from './trust/inspect-keyring.ts'
import { openKeyring, type Keyring, type KeyringPlace } from './trust/keyring.ts'
import { tellRoots } from './trust/roots.ts'
import type { Unsealed } from './trust/sealed.ts'
import { openWatch, type ServerAbout } from './watch.ts'
import { readSeat } from './peers/home-seat.ts'
import type { MadeUser, NewUser, UserMakerTools } from './user-maker.ts'
import { addProfile, pointProfiles, profileOf } from './data/profiles.ts'

/** A server that answers. */
export interface Server {
  readonly url: string
  /** Null where metrics are not served. */
  readonly metricsUrl: string | null
  /** The Region that has its accounts, in another place; null where they are its own. */
  readonly home: Region | null
  /** Null where it listens for no peers. */
  readonly peersUrl: string | null
  readonly data: DataDirectory
  /** What an operator must know: of the clock, of audit logs. */
  readonly notices: readonly string[]
  /** Resolves, with the reason, when another process may serve its data; null where none can. */
  readonly lost: Promise<string> | null
  /** Lets what is under way finish, and closes every file. */
  stop(): Promise<void>
}

/**
 * Starts a server.
 *
 * @throws ConfigError, DataDirectoryError or KeyringError, each with a sentence that says what to do
 */
export async function startServer(config: Config, log: Logger, about: ServerAbout = {}): Promise<Server> {
  // What is opened is closed again in the opposite order: at the end, or at once where a later step fails.
  await using opened = new AsyncDisposableStack()
  opened.defer(() => about.telemetry?.stop())
  const data = dataDirectory(config.data, config.rootKey)
  const { roots, tls, alarms } = await lookFirst(config)
  const watch = await openWatch(config, tls, about, log, opened)
  opened.use(await lockDataDirectory(data))
  const entry = { tls, roots, watch }
  const { unsealed, kept: where, hold, isHeld, lost } = await enter(config, data, entry, log, about, opened)
  const deployment = await openDeployment(data, unsealed.root, Date.now(), where)
  opened.defer(() => deployment.store.close())
  const kept = { data, deployment, roots, alarms, version: about.version }
  const engine = await openEngine(config, kept, log, watch.watchers)
  opened.defer(() => engine.stop())
  const nodes = nodesToCome(config, { data, deployment, engine, hold, watchers: watch.watchers })
  const keyring = await openKeyringOf(engine, { data, deployment, alone: nodes.alone, log }, unsealed)
  opened.defer(() => keyring.stop())
  const metricsUrl = await watch.serve(engine, data, nodes.count, opened)
  const { clock, watch: clockWatch, loop, inspector, identities, invoker, global } = engine
  const links = createConsoleLinks()
  const signIn = consoleSignIn(links, engine, homeRegion(config.regions))
  await unsealed.close()
  const around = tellRoots(deployment.id, deployment.root.roots)
  const serving = { signIn, around, isHeld, role: nodes.role }
  const http = await serveEngine(() => engine, { ...config, port: unsealed.port, tls }, log, serving)
  opened.defer(() => http.close())
  await nodes.open(http.handler, log, opened)
  const peersUrl = await listenForPeersOf(engine, config, log, opened)
  const place = { url: reachable(http.url), region: homeRegion(config.regions) }
  const keep = (key: RootAccessKey) => addProfile(data, profileOf(key.account), key, place)
  await welcome(data, deployment, place.url, keep, clock)
  // What writes profiles does so one after the other: each rewrites the same files.
  const inTurn = pLimit(1)
  const control = await serveControl(data, {
    dev: config.dev,
    clock,
    watch: clockWatch,
    loop,
    peers: engine.peers,
    renewIdentities: () => inTurn(() => renewAll(engine)),
    drills: engine.drills,
    disasters: { regions: engine.regions, peers: engine.peers, loop, audits: data.audits, now: clock.now },
    inspector,
    keyring,
    bell: engine.bell,
    ...accountPowers(global, clock, keep, inTurn),
    createUser: (user) =>
      inTurn(() => makeUser({ data, place, identities, invoker, reads: global.store.reads, now: clock.now }, user)),
    ...dataPowers(engine, data, deployment),
    async makeConsoleLink(account) {
      requireHome(global)
      const isServed = config.console ?? isLoopback(config.host)
      return makeConsoleLink(links, { ...engine, url: place.url, isServed }, account)
    },
  })
  opened.defer(() => control.close())
  const running = opened.move()
  return {
    url: http.url,
    data,
    metricsUrl,
    home: global.home?.region ?? null,
    peersUrl,
    lost,
    notices: await noticesOf(engine),
    stop: () => running.disposeAsync(),
  }
}

/** What an operator must know. */
async function noticesOf({ watch, transparency, retention, regions, peers }: Engine): Promise<readonly string[]> {
  const putBack = [...(await putBackNotices(regions)), ...(peers?.notices() ?? [])]
  return [watch.notice() ?? [], transparency.notices(), retention.notices(), putBack].flat()
}

async function makeUser(tools: UserMakerTools, user: NewUser): Promise<MadeUser> {
  const { createUserMaker } = await import('./user-maker.ts')
  return createUserMaker(tools)(user)
}

/** Gives every Region that is here another identity. */
function renewAll({ regions, clock, peers }: Engine): Promise<readonly Region[]> {
  return renewIdentities(regions, clock.now(), (region) => peers?.renewed(region))
}

/** Opens the keyring, and records who has unsealed it. */
async function openKeyringOf(
  engine: Engine,
  place: Pick<KeyringPlace, 'data' | 'deployment' | 'alone' | 'log'>,
  { isByOperator }: Unsealed,
): Promise<Keyring> {
  const record = operatorBook(engine)
  if (isByOperator) await record('Unseal', {})
  return openKeyring({ ...place, now: engine.clock.now, record })
}

/** Writes the record of what an operator did to this server, before whoever asked for it is answered. */
function operatorBook({ global, clock }: Engine): KeyringPlace['record'] {
  return (eventName, requestParameters) =>
    global.ownJournal.transaction((_writes, note) =>
      note(recordDeploymentEvent({ eventName, now: clock.now(), requestParameters })),
    )
}

/** What reads and keeps the data as a whole. */
function dataPowers(
  { global, regions, retention, clock }: Engine,
  data: DataDirectory,
  { root, stores }: Deployment,
): Pick<ControlPowers, 'exportSeed' | 'takeBackup' | 'pruneAudit' | 'verifyKeyring'> {
  return {
    async exportSeed(material) {
      const { exportSeed } = await import('./seed/export.ts')
      return exportSeed({ global, regions, material })
    },
    takeBackup: (target) =>
      retention.pause(async () => {
        const writers = [global.store, ...[...regions].map(({ store }) => store)]
        return { ...(await takeBackup(data, target, clock.now(), stores, writers)), rootKey: data.rootKey }
      }),
    pruneAudit: (before) => retention.enforce(before),
    verifyKeyring: () => verifyKeyring(root, { stores }),
  }
}

/** Where it has none, nothing of peers is loaded. */
async function listenForPeersOf(
  { peers, ...engine }: Engine,
  { peers: { listen } }: Config,
  log: Logger,
  opened: AsyncDisposableStack,
): Promise<string | null> {
  if (peers === null || listen === null) return null
  const { servePeers } = await import('./peers/serve-peers.ts')
  const listener = await servePeers({ ...engine, peers }, listen, (error, what) =>
    log.warn({ err: error, what }, 'peers'),
  )
  opened.defer(() => listener.close())
  return listener.url
}

/** @throws WireError where accounts are changed in another place */
function requireHome({ home }: OpenGlobal): void {
  if (home !== null) throw home.refusal()
}

/** What changes the deployment itself. */
function accountPowers(
  global: OpenGlobal,
  clock: Clock,
  keep: (key: RootAccessKey) => Promise<void>,
  inTurn: LimitFunction,
): Pick<ControlPowers, 'createAccount' | 'renewKey' | 'listAccounts'> {
  const accounts = openAccounts(global.store, global.secrets, global.journal)
  return {
    createAccount: (id) =>
      inTurn(async () => {
        requireHome(global)
        return accounts.create(id, clock.now(), keep)
      }),
    renewKey: (id) =>
      inTurn(async () => {
        requireHome(global)
        return accounts.renewKey(id, clock.now(), keep)
      }),
    listAccounts: () => accounts.list(),
  }
}

/** At the first start, makes the first account; at every start, points its profiles here. */
async function welcome(
  data: DataDirectory,
  deployment: Deployment,
  url: string,
  keep: (key: RootAccessKey) => Promise<void>,
  clock: Clock,
): Promise<void> {
  // A copy gets its accounts from their home.
  if ((await readSeat(deployment.store)).home !== null) return
  const accounts = await deployment.store.reads.documents('account', null, { after: null, limit: 1 })
  if (accounts.length === 0 && (await holdsKeys(data, deployment.stores))) {
    throw new DataDirectoryError(
      `${deployment.stores.nameOf('global')} has no account, and the Regions beside it have keys: it was changed or is damaged. Put back all of ` +
        'one backup: keyspan restore.',
    )
  }
  if (accounts.length === 0) {
    await deployment.accounts.create(FIRST_ACCOUNT, clock.now(), keep)
  }
  await pointProfiles(data, url)
}
