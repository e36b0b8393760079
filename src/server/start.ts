import { existsSync } from 'node:fs'
import type { Logger } from 'pino'
import { COMMERCIAL_REGIONS, homeRegion } from '../domain/region.ts'
import { isManagedByAws, type Refusal } from '../kernel/access/decide.ts'
import type { GlobalHost } from '../kernel/global-host.ts'
import { createIdentities, type Identities } from '../kernel/identities/identities.ts'
import { createInvoker, type Invoker } from '../kernel/invoke.ts'
import { createPeople, type KnownPeople } from '../kernel/people.ts'
import { createThrottle } from '../kernel/throttle.ts'
import { createDispatcher } from '../protocol/dispatch.ts'
import { openRefusalStore } from '../storage/refusals.ts'
import { FIRST_ACCOUNT, type RootAccessKey } from './accounts.ts'
import { requireFreeAddress } from './address.ts'
import { readRoots } from './attestation-roots.ts'
import { takeBackup } from './backup.ts'
import { createClock, type Clock } from './clock.ts'
import { watchClock } from './clock-watch.ts'
import { ConfigError, type Config } from './config.ts'
import { serveControl, type ControlPowers } from './control.ts'
import {
  dataDirectory,
  DataDirectoryError,
  holdsKeys,
  lockDataDirectory,
  type DataDirectory,
} from './data-directory.ts'
import { openDeployment, type Deployment } from './deployment.ts'
import { serveHttp } from './http.ts'
import { startJournalLoop } from './journal-loop.ts'
import { startLastUseLoop } from './last-use-loop.ts'
import { openGlobal, type OpenGlobal } from './open-global.ts'
import { createInspector } from './inspect/inspector.ts'
import { createRefusalMemory, type RefusalMemory } from './inspect/refusal-memory.ts'
import { introduce, openRegion } from './open-region.ts'
import { createRegions, type Regions } from './regions.ts'
import { addProfile, pointProfiles, profileOf } from './profiles.ts'
import { startReplicationLoop, type ReplicationLoop } from './replication-loop.ts'
import { watchRollbacks } from './rollback-watch.ts'
import { AWS_SERVICES, servicesOf } from './services.ts'
import { startStackLoop, type StackLoop } from './stack-loop.ts'
import { readTls } from './tls-files.ts'
import { createUserMaker } from './user-maker.ts'

/** A server that answers. */
export interface Server {
  readonly url: string
  readonly data: DataDirectory
  /** What an operator must know about the clock; null where all is well. */
  readonly notice: string | null
  /** Lets what is under way finish, and closes every file. */
  stop(): Promise<void>
}

/** The longest body that any request needs, which is a simulation of many policies; and all that come at once. */
const BODIES = { longest: 512 * 1024, together: 64 * 1024 * 1024 }

/**
 * Starts a server.
 *
 * @throws ConfigError, DataDirectoryError or KeyringError, each with a sentence that says what to do
 */
export async function startServer(config: Config, log: Logger): Promise<Server> {
  // What is opened is closed again in the opposite order: at the end, or at once where a later step fails.
  await using opened = new AsyncDisposableStack()
  const data = dataDirectory(config.data, config.rootKey)
  const { roots, tls } = await lookFirst(config)
  const { deployment, clock, regions, global } = await openStores(config, data, opened)
  const onRetry = (error: unknown, what: string) => log.warn({ err: error, what }, 'will retry')
  const journals = startJournalLoop(() => [...regions, global], onRetry)
  opened.defer(() => journals.stop())
  const rollbacks = watchRollbacks(global.store, regions, onRetry)
  opened.defer(() => rollbacks.stop())
  const identities = createIdentities(global)
  const memory = await openMemory(data, global, clock, log, opened)
  const rules = { isEnforced: (refusal: Refusal) => isEnforced(refusal, config, log), remember: memory.remember }
  const people = createPeople(global.store.reads, identities, rules, roots)
  memory.start({ regions, people })
  opened.defer(() => memory.stop())
  const watch = await watchClock(global.store, regions, (notice) => log.error(notice))
  opened.defer(() => watch.stop())
  const mayAct = () => watch.check().catch((error: unknown) => (onRetry(error, 'look at the clock'), false))
  const onAlarm = (error: unknown, what: string) => log.error({ err: error, what }, 'a key cannot go on')
  const loop = await startReplicationLoop(regions, clock.now, mayAct, { retry: onRetry, alarm: onAlarm })
  opened.defer(() => loop.stop())
  const lastUses = startLastUseLoop(regions, onRetry)
  opened.defer(() => lastUses.stop())
  const invoker = openInvoker(config, regions, global, { people, loop }, log)
  const inspector = createInspector({
    regions,
    global,
    identities,
    people,
    memory,
    invoker,
    audits: data.audits,
    now: clock.now,
  })
  const services = new Map(AWS_SERVICES.map((service) => [service.signingName, service]))
  const tools = { regions, global, identities, invoker, services, now: clock.now, mayAct, onError: onRetry }
  const stacks = startStackLoop(tools)
  opened.defer(() => stacks.stop())
  const dispatcher = openDispatcher(regions, { identities, memory, invoker, stacks }, log, clock.now)
  const http = await serveHttp({
    handler: dispatcher.handle,
    refuseHead: dispatcher.refuseHead,
    host: config.host,
    port: config.port,
    ...(tls !== null && { tls }),
    onError: (error) => log.error({ err: error }, 'request failed'),
    bodies: BODIES,
    afterBatch: () => {
      for (const { audit } of [...regions, global]) audit.flush()
    },
  })
  opened.defer(() => http.close())
  const place = { url: http.url, region: homeRegion(config.regions) }
  const keep = (key: RootAccessKey) => addProfile(data, profileOf(key.account), key, place)
  await welcome(data, deployment, http.url, keep, clock)
  const control = await serveControl(data, {
    dev: config.dev,
    clock,
    watch,
    loop,
    inspector,
    ...accountPowers(deployment, clock, keep),
    createUser: createUserMaker({ data, place, identities, invoker, reads: global.store.reads, now: clock.now }),
    takeBackup: (target) => takeBackup(data, target, clock.now()),
  })
  opened.defer(() => control.close())
  const running = opened.move()
  return { url: http.url, data, notice: watch.notice(), stop: () => running.disposeAsync() }
}

/** What can be known to be wrong is, before anything is made. */
async function lookFirst({ tls, attestationRoots, host, port }: Config) {
  const found = { tls: tls === null ? null : await readTls(tls), roots: await readRoots(attestationRoots) }
  await requireFreeAddress(host, port)
  return found
}

/** What changes the deployment itself. */
function accountPowers(
  { store, accounts }: Deployment,
  clock: Clock,
  keep: (key: RootAccessKey) => Promise<void>,
): Pick<ControlPowers, 'saveClock' | 'createAccount' | 'renewKey' | 'listAccounts'> {
  return {
    saveClock: (offset) => store.transaction((writes) => writes.putMeta('clock-offset', String(offset))),
    createAccount: (id) => accounts.create(id, clock.now(), keep),
    renewKey: (id) => accounts.renewKey(id, clock.now(), keep),
    listAccounts: () => accounts.list(),
  }
}

/** Everything that a data directory keeps, for this process alone. */
interface Stores {
  readonly deployment: Deployment
  readonly clock: Clock
  readonly regions: Regions
  readonly global: OpenGlobal
}

async function openStores(config: Config, data: DataDirectory, opened: AsyncDisposableStack): Promise<Stores> {
  opened.use(await lockDataDirectory(data))
  const deployment = await openDeployment(data, Date.now())
  opened.defer(() => deployment.store.close())
  const clock = await openClock(config, deployment)
  const served = config.regions ?? COMMERCIAL_REGIONS
  const regions = createRegions(served, (name) => openRegion(name, data, deployment, config.audit, clock.now))
  opened.defer(() => regions.close())
  regions.onOpen(introduce)
  // One is always there, as a witness of what the global store has done.
  await regions.open(homeRegion(served))
  for (const name of served) if (existsSync(data.region(name))) await regions.open(name)
  await openAddressees(regions)
  if (config.regions !== null) await deployment.accounts.enableRegions(config.regions)
  const global = await openGlobal(data, deployment, config.audit, clock.now)
  opened.defer(() => global.audit.close())
  return { deployment, clock, regions, global }
}

async function openMemory(
  data: DataDirectory,
  { store }: GlobalHost,
  clock: Clock,
  log: Logger,
  opened: AsyncDisposableStack,
): Promise<RefusalMemory> {
  const refusals = await openRefusalStore(data.refusals, store.domainKeys, clock.now, (error) =>
    log.warn({ err: error }, 'what was known of refusals is damaged and passed over'),
  )
  opened.defer(() => refusals.close())
  return createRefusalMemory(refusals, (error) => log.warn({ err: error }, 'a refusal is not remembered'))
}

/** Opens those that others have spoken to: a kill may have come before they were opened. */
async function openAddressees(regions: Regions): Promise<void> {
  for (const { store } of regions) {
    for (const region of await store.reads.addressees()) {
      if (regions.served.includes(region)) await regions.open(region)
    }
  }
}

/** Says whether what policies refuse is refused. It is where no policy of the customer's has a say. */
function isEnforced({ call, need, question }: Refusal, { enforcement }: Config, log: Logger): boolean {
  const isFixed = question.notEnabledIn !== undefined || isManagedByAws(need.on)
  if (enforcement === 'enforce' || isFixed) return true
  const { requestId, caller, region } = call
  log.warn({ requestId, caller: caller.arn, action: need.action, region }, 'policies refuse this, and it was let pass')
  return false
}

function openInvoker(
  config: Config,
  regions: Regions,
  global: GlobalHost,
  { people, loop }: { readonly people: KnownPeople; readonly loop: ReplicationLoop },
  log: Logger,
): Invoker {
  const throttle = config.throttle === 'aws' ? createThrottle(() => performance.now()) : null
  const isConnected = () => !loop.isPaused()
  return createInvoker(regions, global, people, isConnected, throttle, (error, call) =>
    log.error({ err: error, requestId: call.requestId }, 'fault'),
  )
}

interface Parts {
  readonly identities: Identities
  readonly memory: RefusalMemory
  readonly invoker: Invoker
  readonly stacks: StackLoop
}

function openDispatcher(
  regions: Regions,
  { identities, memory, invoker, stacks }: Parts,
  log: Logger,
  now: () => number,
) {
  return createDispatcher({
    services: servicesOf(memory.explanationFor, stacks.readDrift),
    regions: regions.served,
    credential: (id, token) => identities.credential(id, token),
    now,
    invoke: (service, operation, body, call) => invoker.invoke(service, operation, body, call),
    onRefusedSignature: (details) => log.info(details, 'signature refused'),
  })
}

async function openClock(config: Config, deployment: Deployment): Promise<Clock> {
  const offset = Number((await deployment.store.reads.meta('clock-offset')) ?? '0')
  if (offset !== 0 && !config.dev) {
    throw new ConfigError(
      'The clock of this data directory was moved in development mode. Start it with --dev, or begin with a new --data.',
    )
  }
  return createClock(offset)
}

/** At the first start, makes the first account; at every start, points its profiles here. */
async function welcome(
  data: DataDirectory,
  deployment: Deployment,
  url: string,
  keep: (key: RootAccessKey) => Promise<void>,
  clock: Clock,
): Promise<void> {
  const accounts = await deployment.store.reads.documents('account', null, { after: null, limit: 1 })
  if (accounts.length === 0 && holdsKeys(data)) {
    throw new DataDirectoryError(
      `${data.global} has no account, and the Regions beside it have keys: it was changed or is damaged. Put back all of ` +
        'one backup: keyspan restore.',
    )
  }
  if (accounts.length === 0) {
    await deployment.accounts.create(FIRST_ACCOUNT, clock.now(), keep)
  }
  await pointProfiles(data, url)
}
